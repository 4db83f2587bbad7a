package dev.matriarch.protocol.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Reads {@code synchronous_standby_names} by PostgreSQL's grammar ({@code syncrep_gram.y}, {@code
 * syncrep_scanner.l}).
 */
final class StandbyNamesReader {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\G[ \\t\\n\\r\\f\\x0B]*+(?:\"(?<quoted>[^\"]*+(?:\"\"[^\"]*+)*+)\""
              + "|(?<word>[A-Za-z_\\x{80}-\\x{10FFFF}][A-Za-z_0-9$\\x{80}-\\x{10FFFF}]*+|\\*)"
              + "|(?<number>[0-9]++)|(?<mark>[(),]))");

  private enum Kind {
    NAME,
    WORD,
    NUMBER,
    MARK
  }

  private record Token(Kind kind, String text) {
    boolean is(String mark) {
      return kind == Kind.MARK && text.equals(mark);
    }
  }

  private final List<Token> tokens = new ArrayList<>();
  private final boolean readable;
  private int next;

  StandbyNamesReader(String text) {
    var matcher = TOKEN.matcher(text);
    var end = 0;
    while (matcher.find()) {
      end = matcher.end();
      if (matcher.group("quoted") != null) {
        tokens.add(new Token(Kind.NAME, matcher.group("quoted").replace("\"\"", "\"")));
      } else if (matcher.group("word") != null) {
        tokens.add(new Token(Kind.WORD, matcher.group("word")));
      } else if (matcher.group("number") != null) {
        tokens.add(new Token(Kind.NUMBER, matcher.group("number")));
      } else {
        tokens.add(new Token(Kind.MARK, matcher.group("mark")));
      }
    }
    readable = text.substring(end).isBlank();
  }

  Optional<StandbyNames> read() {
    if (!readable) {
      return Optional.empty();
    }
    var first = tokens.isEmpty() ? "" : tokens.getFirst().text();
    var keyword =
        !tokens.isEmpty()
            && tokens.getFirst().kind() == Kind.WORD
            && (first.equalsIgnoreCase("ANY") || first.equalsIgnoreCase("FIRST"));
    if (keyword) {
      next = 1;
      return counted(first.toUpperCase(Locale.ROOT).equals("FIRST"));
    }
    return isCounted() ? counted(true) : list().map(it -> new StandbyNames(true, 1, it));
  }

  private boolean isCounted() {
    return tokens.size() > 1 && tokens.getFirst().kind() == Kind.NUMBER && tokens.get(1).is("(");
  }

  /** {@code 2 (a, b)} */
  private Optional<StandbyNames> counted(boolean inOrder) {
    var bracketed =
        tokens.size() > next + 3
            && tokens.get(next).kind() == Kind.NUMBER
            && tokens.get(next + 1).is("(")
            && tokens.getLast().is(")");
    if (!bracketed) {
      return Optional.empty();
    }
    var count = number(tokens.get(next).text());
    next += 2;
    tokens.removeLast();
    return count.flatMap(it -> list().map(names -> new StandbyNames(inOrder, it, names)));
  }

  private static Optional<Integer> number(String digits) {
    try {
      return Optional.of(Integer.parseInt(digits)).filter(it -> it > 0);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** {@code a, b}, to the end. */
  private Optional<List<String>> list() {
    var names = new ArrayList<String>();
    for (var i = next; i < tokens.size(); i++) {
      var separator = (i - next) % 2 == 1;
      var token = tokens.get(i);
      if (separator ? !token.is(",") : token.kind() == Kind.MARK || isKeyword(token)) {
        return Optional.empty();
      }
      if (!separator) {
        names.add(token.text());
      }
    }
    return (tokens.size() - next) % 2 == 1 ? Optional.of(List.copyOf(names)) : Optional.empty();
  }

  private static boolean isKeyword(Token token) {
    return token.kind() == Kind.WORD
        && (token.text().equalsIgnoreCase("ANY") || token.text().equalsIgnoreCase("FIRST"));
  }
}
