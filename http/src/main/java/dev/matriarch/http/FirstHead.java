package dev.matriarch.http;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.pekko.util.ByteString;

/**
 * Gives the first request of a connection a {@code Host} header if it has none.
 *
 * <p>HTTP/1.1 demands the header and Pekko HTTP refuses a request without it, but HAProxy's {@code
 * http-check send … ver HTTP/1.1} sends none unless told to: it would take every node for broken.
 * Such probes make one request per connection, so later ones are not looked at.
 */
final class FirstHead {
  /** More than the server takes for a head; it refuses the rest by itself. */
  private static final int HEAD_BYTES_MAX = 16 * 1024;

  private ByteString head = ByteString.emptyByteString();
  private boolean passed;

  /** What to pass on now that these bytes have come. */
  List<ByteString> accept(ByteString bytes) {
    if (passed) {
      return List.of(bytes);
    }
    head = head.concat(bytes);
    var text = head.decodeString(StandardCharsets.ISO_8859_1);
    if (!isComplete(text) && text.length() <= HEAD_BYTES_MAX) {
      return List.of();
    }
    passed = true;
    var whole = head;
    head = ByteString.emptyByteString();
    return List.of(lacksHost(text) ? withHost(whole, text.indexOf('\n') + 1) : whole);
  }

  private static boolean isComplete(String text) {
    return text.contains("\r\n\r\n") || text.contains("\n\n");
  }

  private static boolean lacksHost(String text) {
    var lines = text.lines().takeWhile(line -> !line.isEmpty()).toList();
    return !lines.isEmpty()
        && lines.getFirst().endsWith(" HTTP/1.1")
        && lines.stream().noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("host:"));
  }

  private static ByteString withHost(ByteString whole, int afterRequestLine) {
    return whole
        .take(afterRequestLine)
        .concat(ByteString.fromString("Host: localhost\r\n"))
        .concat(whole.drop(afterRequestLine));
  }
}
