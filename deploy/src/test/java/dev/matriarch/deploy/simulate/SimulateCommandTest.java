package dev.matriarch.deploy.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.deploy.Matriarch;
import dev.matriarch.protocol.sim.Mark;
import dev.matriarch.protocol.sim.Marks;
import dev.matriarch.protocol.sim.Mutation;
import dev.matriarch.protocol.sim.Rulebook;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SimulateCommandTest {
  private static final Pattern REPLAY =
      Pattern.compile("to replay it: matriarch simulate --seed (\\d+) --trace --without (\\S+)");

  private record Ran(int status, String out, String err) {}

  private static Ran simulate(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    var line =
        Matriarch.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    var all = new String[arguments.length + 1];
    all[0] = "simulate";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return new Ran(line.execute(all), out.toString(), err.toString());
  }

  @Test
  void walksThatGoWellAreCounted() {
    var ran = simulate("--seeds", "5", "--seed", "20");

    assertThat(ran.status()).isZero();
    assertThat(ran.out())
        .containsPattern(
            "5 seeds, \\d+\\.\\d cluster-minutes in \\d+\\.\\d s: \\d+ cluster-minutes per second;"
                + " of three nodes \\d+ on")
        .containsPattern("reached: .*elected [1-9]");
    assertThat(ran.err()).isEmpty();
  }

  @Test
  void theMarksDoNotDependOnTheNumberOfJobs() {
    var one = simulate("--seeds", "6").out().lines().skip(1).toList();
    var two = simulate("--seeds", "6", "--jobs", "2").out().lines().skip(1).toList();

    assertThat(two).isEqualTo(one).isNotEmpty();
  }

  @Test
  void aRuleThatIsOffIsNoticedAndTheWalkCanBeReplayed() {
    var ran = simulate("--without", "majority");

    assertThat(ran.status()).isZero();
    assertThat(ran.out()).contains("what never may happen");
    var replay = REPLAY.matcher(ran.out());
    assertThat(replay.find()).isTrue();
    assertThat(replay.group(2)).isEqualTo("majority");

    var again = simulate("--seed", replay.group(1), "--trace", "--without", "majority");
    assertThat(again.status()).isZero();
    assertThat(again.out().lines().toList().getLast())
        .isEqualTo(ran.out().lines().filter(it -> it.startsWith("seed ")).findFirst().orElse(""));
  }

  @Test
  void theSeedThatNoticesIsTheLowestWhateverTheNumberOfJobs() {
    var one = simulate("--without", "drift").out().lines().skip(1);
    var three = simulate("--without", "drift", "--jobs", "3").out().lines().skip(1);

    assertThat(three.filter(it -> it.startsWith("seed ")))
        .isNotEmpty()
        .isEqualTo(one.filter(it -> it.startsWith("seed ")).toList());
  }

  @Test
  void aRuleWhoseAbsenceNobodyNoticesIsAFailure() {
    var ran = simulate("--without", "beat-numbers", "--seeds", "1");

    assertThat(ran.status()).isEqualTo(1);
    assertThat(ran.out()).doesNotContain("to replay it");
  }

  @Test
  void aRuleThatWalksHardlyEverNeedIsLookedForOnlyIfAsked() {
    var ran = simulate("--without", "incarnation");

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains("incarnation is hardly ever needed").contains("--seeds N");
    assertThat(simulate("--without", "incarnation", "--seeds", "3").status()).isEqualTo(1);
  }

  @Test
  void manyWalksThatMissASituationAreAFailure() {
    var reached = new Marks();
    var few = new Journey.Result(1, 0, 1, 1, reached, new Journey.Share(0, 0), Optional.empty());

    assertThat(few.missed()).hasSize(Mark.values().length).contains("elected", "data set back");
    assertThat(simulate("--seeds", "600", "--jobs", "2").status()).isZero();
  }

  @Test
  void aTraceTellsTheStoryInTheOrderOfTime() {
    var ran = simulate("--seed", "3", "--trace");

    assertThat(ran.status()).isZero();
    assertThat(ran.out()).contains("is elected for term 1").contains("PostgreSQL: primary on");
    var times = Pattern.compile("(?m)^ *(\\d+\\.\\d+) s").matcher(ran.out()).results();
    assertThat(times.map(it -> Double.valueOf(it.group(1))).toList())
        .hasSizeGreaterThan(50)
        .isSorted();
    assertThat(simulate("--seed", "3", "--trace").out()).isEqualTo(ran.out());
  }

  @Test
  void everyRuleHasItsOwnNameAndALine() {
    var ran = simulate("--list-rules");

    assertThat(ran.status()).isZero();
    assertThat(ran.out().lines()).hasSize(Mutation.values().length - 1);
    var named = EnumSet.noneOf(Mutation.class);
    Rulebook.all().stream()
        .map(it -> Rulebook.named(it.name()))
        .flatMap(Optional::stream)
        .forEach(it -> named.add(it.off()));
    assertThat(named).isEqualTo(EnumSet.complementOf(EnumSet.of(Mutation.NONE)));
    assertThat(List.of(ran.out().split("\\R"))).allMatch(it -> it.matches("[a-z-]+ +\\S.*"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --seeds 0             | --seeds must be 1 or more, not 0
          --seeds many          | 'many'
          --seed -1             | --seed must be 0 or more, not -1
          --jobs 0              | --jobs must be 1 to 256, not 0
          --without luck        | there is no rule 'luck'; the rules are guardian-margin,
          --trace --seeds 2     | --trace tells of one seed
          --seed 9223372036854775807 | there are no seeds above
          surplus               | surplus
          """)
  void wrongUseIsExplained(String arguments, String message) {
    var ran = simulate(arguments.split(" +"));

    assertThat(ran.status()).isEqualTo(2);
    assertThat(ran.err()).contains(message).contains("Usage: matriarch simulate");
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void helpNamesTheExitStatus() {
    var ran = simulate("--help");

    assertThat(ran.status()).isZero();
    assertThat(ran.out()).contains("Exit status: 0").contains("--list-rules");
  }
}
