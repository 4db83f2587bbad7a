package dev.matriarch.multijvm.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  private static final List<Kind> KINDS =
      List.of(
          new Kind.Insert(5_000_000_000L),
          new Kind.Increment(),
          new Kind.RegisterWrite(1, 2),
          new Kind.RegisterRead(1, true),
          new Kind.RegisterCas(1, 2, 3),
          new Kind.Transfer(0, 7, 10),
          new Kind.Balances(),
          new Kind.ReplicaRead());

  private static final List<Outcome> OUTCOMES =
      List.of(
          new Outcome.Ok(new Value.Stored(3, 1L << 40)),
          new Outcome.Ok(new Value.Held(-1, 3)),
          new Outcome.Ok(new Value.Accounts(List.of(1L, 2L), 3)),
          new Outcome.Ok(new Value.Seen(4, 1_700_000_000_000_000L, 3, true)),
          new Outcome.Failed("40001 \"no\"\nwhy"),
          new Outcome.Unknown("the connection broke"));

  @TempDir private Path folder;

  private static List<Operation> all() {
    return KINDS.stream()
        .flatMap(kind -> OUTCOMES.stream().map(it -> operation(kind, it)))
        .toList();
  }

  private static Operation operation(Kind kind, Outcome outcome) {
    return new Operation("writer-1", kind, "node1", 10, 20, outcome);
  }

  @Test
  void everyKindAndOutcomeIsReadAsItWasWritten() throws IOException {
    var history = History.of(all());
    var file = folder.resolve("history.jsonl");
    history.write(file);
    var again = History.read(file);
    assertThat(again.snapshot()).isEqualTo(history.snapshot()).hasSize(48);
    assertThat(again.origin()).isEqualTo(history.origin());
    assertThat(Files.readAllLines(file)).hasSize(49);
  }

  @Test
  void theSamplesHaveEveryKindValueAndOutcome() {
    assertThat(Stream.of(KINDS, OUTCOMES).flatMap(List::stream).map(Object::getClass))
        .containsAll(subclasses(Kind.class))
        .containsAll(subclasses(Outcome.class));
    assertThat(
            OUTCOMES.stream()
                .flatMap(it -> operation(new Kind.Increment(), it).value().stream())
                .map(Object::getClass))
        .containsAll(subclasses(Value.class));
  }

  private static Set<Class<?>> subclasses(Class<?> type) {
    return Set.of(type.getPermittedSubclasses());
  }

  @Test
  void operationsAreInTheOrderOfTheirCompletion() {
    var history = new History();
    var late = new Operation("a", new Kind.Increment(), "node1", 1, 30, OUTCOMES.getFirst());
    var early = new Operation("b", new Kind.Increment(), "node1", 2, 20, OUTCOMES.getFirst());
    history.add(late);
    history.add(early);
    assertThat(history.snapshot()).containsExactly(early, late);
  }

  @Test
  void aLineThatIsNoOperationIsNamed() throws IOException {
    var file = folder.resolve("history.jsonl");
    History.of(all()).write(file);
    var lines = Files.readAllLines(file);
    lines.set(7, "{\"client\": \"writer-1\", \"kind\": {\"kind\": \"guess\"}}");
    Files.write(file, lines);
    assertThatThrownBy(() -> History.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("line 8")
        .hasMessageContaining("guess");
  }

  @Test
  void aFileWithoutAHistoryIsRefused() throws IOException {
    var file = Files.createFile(folder.resolve("history.jsonl"));
    assertThatThrownBy(() -> History.read(file)).hasMessageContaining("is empty");
  }

  @Test
  void finalStatesAreReadAsTheyWereWritten() throws IOException {
    var registers = new TreeMap<Integer, Long>();
    registers.put(17, 5L);
    var states =
        List.of(
            new FinalState(
                "node1", 3, new TreeSet<>(Set.of(1L, 9L)), registers, List.of(1L, 2L), 7),
            new FinalState("node2", 3, new TreeSet<>(), new TreeMap<>(), List.of(), 0));
    var file = folder.resolve("ends.jsonl");
    FinalState.write(file, states);
    assertThat(FinalState.read(file)).isEqualTo(states);
  }
}
