import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks (or with {@code replace}, rewrites) the format of every Java file below a folder. */
final class Format {
  public static void main(String[] args) throws Exception {
    var replace = args[0].equals("replace");
    var root = Path.of(args[1]);
    var formatter = new Formatter();
    var bad = 0;
    try (var files = Files.walk(root)) {
      for (var file : files.filter(it -> it.toString().matches(".*/src/.*[.]java")).toList()) {
        var text = Files.readString(file);
        var formatted = formatter.formatSourceAndFixImports(text);
        if (formatted.equals(text)) {
          continue;
        }
        if (replace) {
          Files.writeString(file, formatted);
        } else {
          System.err.println("not formatted: " + file);
          bad++;
        }
      }
    }
    if (bad > 0) {
      System.err.println("run `mvn -N process-sources -Dformat.option=replace`");
      System.exit(1);
    }
  }
}
