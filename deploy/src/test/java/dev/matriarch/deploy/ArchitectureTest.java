package dev.matriarch.deploy;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What may depend on what; {@code docs/architecture.md} says why. */
class ArchitectureTest {
  /** Each module may use those before it. */
  private static final List<String> MODULES =
      List.of("protocol", "config", "persistence", "actors", "http", "deploy");

  /** The words that say nothing about what a class is. */
  static final List<String> EMPTY_WORDS =
      List.of("Util", "Utils", "Manager", "Helper", "Helpers", "Impl");

  private static final String PROTOCOL = "dev.matriarch.protocol..";
  private static final String PEKKO = "org.apache.pekko..";
  private static final String PEKKO_HTTP = "org.apache.pekko.http..";

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.matriarch");

  @Test
  void allModulesAreLookedAt() {
    for (var module : MODULES) {
      classes()
          .that()
          .resideInAPackage(packageOf(module))
          .should()
          .resideOutsideOfPackage("java..")
          .check(OURS);
    }
    classes()
        .should()
        .resideInAnyPackage(
            MODULES.stream().map(ArchitectureTest::packageOf).toArray(String[]::new))
        .because("a new module needs its place in this test")
        .check(OURS);
  }

  @ParameterizedTest
  @FieldSource("MODULES")
  void modulesDependOneWay(String module) {
    var later =
        MODULES.subList(MODULES.indexOf(module) + 1, MODULES.size()).stream()
            .map(ArchitectureTest::packageOf)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(packageOf(module))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(later)
        .check(OURS);
  }

  /** No I/O, network, database, log, thread or Pekko: none of their packages is in the list. */
  @Test
  void theProtocolKnowsOnlyValues() {
    classes()
        .that()
        .resideInAPackage(PROTOCOL)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            PROTOCOL,
            "java.lang",
            "java.lang.annotation",
            "java.lang.invoke",
            "java.lang.runtime",
            "java.math",
            "java.time..",
            "java.util",
            "java.util.function",
            "java.util.regex",
            "java.util.stream",
            "com.fasterxml.jackson.annotation",
            "org.jspecify.annotations")
        .because("the simulator walks it in virtual time, with chance and messages of its own")
        .check(OURS);
  }

  /** Time and chance are inputs; a thread would make the outcome depend on more than those. */
  @Test
  void theProtocolHasNoClockNoChanceAndNoThread() {
    var effects =
        Set.of(
            "java.lang.System",
            "java.lang.Runtime",
            "java.lang.Thread",
            "java.lang.ThreadLocal",
            "java.lang.Process",
            "java.lang.ProcessBuilder",
            "java.lang.ProcessHandle",
            "java.time.Clock",
            "java.time.InstantSource",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.util.Timer",
            "java.util.UUID");
    noClasses()
        .that()
        .resideInAPackage(PROTOCOL)
        .and()
        .doNotHaveFullyQualifiedName("dev.matriarch.protocol.sim.Dice") // from the walk's seed
        .should()
        .dependOnClassesThat(describe("have effects", it -> effects.contains(it.getName())))
        .orShould()
        .accessTargetWhere(to("java.time", "now"))
        .orShould()
        .accessTargetWhere(to("java.lang", "random"))
        .check(OURS);
  }

  @Test
  void pekkoIsKnownFromThePersistenceOn() {
    noClasses()
        .that()
        .resideInAnyPackage(PROTOCOL, packageOf("config"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(PEKKO, "scala..")
        .check(OURS);
  }

  @Test
  void onlyTheHttpModuleKnowsPekkoHttp() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("http"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(PEKKO_HTTP)
        .check(OURS);
  }

  @Test
  void loggingGoesThroughSlf4j() {
    noClasses().should().dependOnClassesThat().resideInAPackage("java.util.logging").check(OURS);
  }

  /** The commands print to the writers that they are given, so that tests see it. */
  @Test
  void nobodyPrintsToTheStandardOutput() {
    noClasses().should().accessField(System.class, "out").check(OURS);
  }

  @Test
  void onlyTheProgramPrintsToTheStandardError() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.matriarch.deploy")
        .should()
        .accessField(System.class, "err")
        .orShould()
        .accessTargetWhere(
            describe("printStackTrace()", it -> it.getTarget().getName().equals("printStackTrace")))
        .check(OURS);
  }

  @ParameterizedTest
  @FieldSource("EMPTY_WORDS")
  void namesSayWhatAClassIs(String word) {
    noClasses().should().haveSimpleNameEndingWith(word).check(OURS);
  }

  private static String packageOf(String module) {
    return "dev.matriarch.%s..".formatted(module);
  }

  /** A call or a method reference. */
  private static DescribedPredicate<JavaAccess<?>> to(String ownersPackage, String method) {
    return describe(
        "%s() of a class in %s".formatted(method, ownersPackage),
        access ->
            access.getTarget().getName().equals(method)
                && access.getTargetOwner().getPackageName().startsWith(ownersPackage));
  }
}
