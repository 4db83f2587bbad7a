package dev.matriarch.actors.postgres;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * Writes the server's configuration files.
 *
 * <p>The operator's own {@code postgresql.conf} is renamed once to {@code postgresql.base.conf};
 * the generated one includes it and then has the managed settings. Files are replaced as a whole
 * and only when they change.
 */
public record PgConf(Path dataDir, PgVersion version) {
  private static final String MAIN = "postgresql.conf";
  private static final String BASE = "postgresql.base.conf";
  private static final String HEADER =
      """
      # Do not edit: Matriarch writes this file.
      # Settings of your own belong into the cluster's configuration, or into postgresql.base.conf.
      """;
  // The first one is ours, the second what Patroni writes.
  private static final Pattern GENERATED =
      Pattern.compile("\\A# Do not edit(: Matriarch| this file manually!)");
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z_][A-Za-z0-9_$]*(\\.[A-Za-z_][A-Za-z0-9_$]*)*");
  private static final Set<String> TARGETS =
      Set.of(
          "recovery_target",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_time",
          "recovery_target_xid");
  private static final Pattern RECOVERY_IN_AUTO_CONF =
      Pattern.compile(
          "(?im)^(?=["
              + " \\t]*(archive_cleanup_command|primary_conninfo|primary_slot_name|promote_trigger_file|recovery_\\w+|restore_command)["
              + " \\t=])");
  private static final Pattern SOURCE =
      Pattern.compile(
          "(?imd)^[ \\t]*(primary_conninfo|primary_slot_name|restore_command)[ \\t=].*(\\n|\\z)");
  private static final int FIRST_WITHOUT_TRIGGER_FILE = 16;

  /** Some change a part of the file: what another writes in between would be undone. */
  private static final ReentrantLock WRITING = new ReentrantLock();

  /** What the server is to be after its next start or reload. */
  public sealed interface ServerRole {
    record Primary() implements ServerRole {}

    /**
     * A standby.
     *
     * @param upstream whom it streams from; empty: nobody, only what an archive has
     * @param slot the upstream's replication slot for it
     */
    record StandbyOf(Optional<Conninfo> upstream, Optional<String> slot) implements ServerRole {}

    /** A standby that gets no log from anywhere, neither by streaming nor from an archive. */
    record Fenced() implements ServerRole {}
  }

  /** How writing ended. */
  public sealed interface Result {
    /**
     * The files are as they should be.
     *
     * @param changed whether one of them was not; then the server has to reload or restart
     */
    record Written(boolean changed) implements Result {}

    record NotWritten(String reason) implements Result {}
  }

  /**
   * Writes {@code postgresql.conf} and the signal file, and takes recovery settings out of {@code
   * postgresql.auto.conf}, which would override them.
   *
   * @param parameters the managed settings; those of recovery that follow from the role are not
   *     taken from here
   */
  public Result write(SortedMap<String, String> parameters, ServerRole role) {
    WRITING.lock();
    try {
      var text = HEADER + "include '" + BASE + "'\n\n" + format(settings(parameters, role));
      keepBase();
      // A standby's signal is there before its settings, a primary's goes after: nothing in between
      // could start as a primary that should not.
      var standby = !(role instanceof ServerRole.Primary);
      var changed = standby && OwnedFile.replace(standbySignal(), new byte[0], dataDir);
      changed |= OwnedFile.replace(dataDir.resolve(MAIN), utf8(text), dataDir);
      changed |= cleanAutoConf(RECOVERY_IN_AUTO_CONF);
      Files.deleteIfExists(dataDir.resolve(PgStart.RECOVERY_SIGNAL));
      if (!standby) {
        changed |= Files.deleteIfExists(standbySignal());
        OwnedFile.syncDirectoryOf(standbySignal());
      }
      return new Result.Written(changed);
    } catch (IOException | IllegalArgumentException e) {
      return new Result.NotWritten("cannot write the configuration: " + e);
    } finally {
      WRITING.unlock();
    }
  }

  /** Whether the operator's own configuration sets it. What cannot be read may say anything. */
  public boolean isOperators(String name) {
    var base = dataDir.resolve(BASE);
    var own = Files.exists(base) ? base : dataDir.resolve(MAIN);
    try {
      return Pattern.compile("(?im)^[ \\t]*" + name + "[ \\t=]")
          .matcher(Files.readString(own, ISO_8859_1))
          .find();
    } catch (IOException e) {
      return true;
    }
  }

  /**
   * Replaces one managed setting in the generated {@code postgresql.conf}, and takes it out of
   * {@code postgresql.auto.conf}. Who writes the whole file afterwards has to say the same.
   */
  public Result set(String name, String value) {
    WRITING.lock();
    try {
      var main = dataDir.resolve(MAIN);
      var text = Files.readString(main, UTF_8);
      if (!text.startsWith(HEADER)) {
        return new Result.NotWritten(
            "%s is not what was written here: it has to be written as a whole first"
                .formatted(main));
      }
      var line = format(new TreeMap<>(Map.of(name, value)));
      var changed = OwnedFile.replace(main, utf8(withLine(text, name, line)), dataDir);
      changed |= cleanAutoConf(Pattern.compile("(?im)^(?=[ \\t]*" + name + "[ \\t=])"));
      return new Result.Written(changed);
    } catch (IOException | IllegalArgumentException e) {
      return new Result.NotWritten("cannot write %s: %s".formatted(name, e));
    } finally {
      WRITING.unlock();
    }
  }

  /** In the order in which the whole file would be written. */
  private static String withLine(String text, String name, String line) {
    var result = new StringBuilder();
    var body = false;
    var placed = false;
    for (var old : text.split("(?<=\n)", -1)) {
      var key = old.substring(0, Math.max(0, old.indexOf(" = ")));
      if (body && !placed && key.compareTo(name) >= 0) {
        result.append(line);
        placed = true;
      }
      if (!body || !key.equals(name)) {
        result.append(old);
      }
      body |= old.isBlank();
    }
    return placed ? result.toString() : result + line;
  }

  /**
   * Makes the server a standby and changes only where its log comes from: nothing comes from an
   * archive any more, and every other setting stays as it is.
   *
   * @param conninfo whom it streams from, in the text form of libpq; empty: nobody, it is fenced
   */
  Result redirect(String conninfo) {
    WRITING.lock();
    try {
      var changed = OwnedFile.replace(standbySignal(), new byte[0], dataDir);
      // First, so that a half of it is at worst what the file below said anyway.
      changed |= cleanAutoConf(RECOVERY_IN_AUTO_CONF);
      var main = dataDir.resolve(MAIN);
      keepBase();
      var sources = new TreeMap<>(source(conninfo, ""));
      sources.put("restore_command", "");
      // Byte by byte, as it may be in any encoding.
      var others =
          SOURCE
              .matcher(Files.exists(main) ? Files.readString(main, ISO_8859_1) : fencedText())
              .replaceAll("");
      var end = others.isEmpty() || others.endsWith("\n") ? "" : "\n";
      var text = concat((others + end).getBytes(ISO_8859_1), utf8(format(sources)));
      changed |= OwnedFile.replace(main, text, dataDir);
      changed |= Files.deleteIfExists(dataDir.resolve(PgStart.RECOVERY_SIGNAL));
      return new Result.Written(changed);
    } catch (IOException | IllegalArgumentException e) {
      return new Result.NotWritten("cannot write the configuration: " + e);
    } finally {
      WRITING.unlock();
    }
  }

  /** Only what the role needs; the managed settings come with the next start or change. */
  private String fencedText() {
    return HEADER
        + "include '"
        + BASE
        + "'\n\n"
        + format(settings(new TreeMap<>(), new ServerRole.Fenced()));
  }

  private static byte[] concat(byte[] first, byte[] second) {
    var all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** Writes {@code pg_hba.conf}; no lines: the file is the operator's and left alone. */
  public Result writeHba(List<String> lines) {
    return writeLines("pg_hba.conf", lines);
  }

  /** Writes {@code pg_ident.conf}; no lines: the file is the operator's and left alone. */
  public Result writeIdent(List<String> lines) {
    return writeLines("pg_ident.conf", lines);
  }

  /**
   * Settings with which a hot standby can start: where the primary that wrote the control file had
   * a larger limit, that one.
   */
  public static SortedMap<String, String> withStandbyLimits(
      SortedMap<String, String> parameters, ControlData control) {
    var raised = new TreeMap<>(parameters);
    control
        .limits()
        .forEach((name, needed) ->
            raised.merge(
                name,
                Integer.toString(needed),
                (configured, limit) -> atLeast(configured, needed) ? configured : limit));
    return raised;
  }

  /** Quoted as the server reads it back (guc-file.l); a line break is written as an escape. */
  static String quote(String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a setting cannot hold a NUL character");
    }
    return "'"
        + value.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n").replace("\r", "\\r")
        + "'";
  }

  private static boolean atLeast(String configured, int needed) {
    try {
      return Integer.parseInt(configured.strip()) >= needed;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private SortedMap<String, String> settings(
      SortedMap<String, String> parameters, ServerRole role) {
    var settings = new TreeMap<String, String>();
    parameters.forEach((name, value) -> settings.put(name.toLowerCase(Locale.ROOT), value));
    TARGETS.forEach(name -> settings.put(name, ""));
    settings.put("recovery_target_timeline", "latest");
    if (version.major() < FIRST_WITHOUT_TRIGGER_FILE) {
      settings.put("promote_trigger_file", "");
    }
    settings.putAll(
        switch (role) {
          case ServerRole.Primary _ -> source("", "");
          case ServerRole.StandbyOf(var upstream, var slot) ->
              source(upstream.map(Conninfo::format).orElse(""), slot.orElse(""));
          case ServerRole.Fenced _ -> {
            var nowhere = new TreeMap<>(source("", ""));
            nowhere.put("restore_command", "");
            yield nowhere;
          }
        });
    return settings;
  }

  private static Map<String, String> source(String conninfo, String slot) {
    return Map.of("primary_conninfo", conninfo, "primary_slot_name", slot);
  }

  private static String format(SortedMap<String, String> settings) {
    var text = new StringBuilder();
    settings.forEach((name, value) -> {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "'%s' is not the name of a PostgreSQL parameter".formatted(name));
      }
      text.append(name).append(" = ").append(quote(value)).append('\n');
    });
    return text.toString();
  }

  private void keepBase() throws IOException {
    var base = dataDir.resolve(BASE);
    if (Files.exists(base)) {
      return;
    }
    var main = dataDir.resolve(MAIN);
    if (Files.exists(main) && !GENERATED.matcher(Files.readString(main, ISO_8859_1)).find()) {
      Files.move(main, base, StandardCopyOption.ATOMIC_MOVE);
      OwnedFile.syncDirectoryOf(base);
    } else {
      OwnedFile.replace(base, utf8("# Settings of your own.\n"), dataDir);
    }
  }

  private boolean cleanAutoConf(Pattern settings) throws IOException {
    var file = dataDir.resolve("postgresql.auto.conf");
    if (!Files.exists(file)) {
      return false;
    }
    // Read byte by byte: a value may be in any encoding.
    var text = Files.readString(file, ISO_8859_1);
    var cleaned = settings.matcher(text).replaceAll("# ");
    return OwnedFile.replace(file, cleaned.getBytes(ISO_8859_1), dataDir);
  }

  private Result writeLines(String name, List<String> lines) {
    if (lines.isEmpty()) {
      return new Result.Written(false);
    }
    try {
      var text = HEADER + String.join("\n", lines) + "\n";
      return new Result.Written(OwnedFile.replace(dataDir.resolve(name), utf8(text), dataDir));
    } catch (IOException e) {
      return new Result.NotWritten("cannot write %s: %s".formatted(name, e));
    }
  }

  private Path standbySignal() {
    return dataDir.resolve(PgStart.STANDBY_SIGNAL);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}
