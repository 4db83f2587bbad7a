package dev.matriarch.http;

import java.util.Optional;

/**
 * What a call gets.
 *
 * @param content empty: the status line is all, without the configured extra headers
 */
record Answer(int status, Optional<Content> content) {

  enum Form {
    JSON,
    TEXT,
    PLAIN,
    METRICS
  }

  record Content(Form form, String text) {}

  static Answer statusOnly(boolean healthy) {
    return new Answer(code(healthy), Optional.empty());
  }

  static Answer json(int status, Object value) {
    return new Answer(status, Optional.of(new Content(Form.JSON, Json.write(value))));
  }

  static Answer text(int status, String text) {
    return new Answer(status, Optional.of(new Content(Form.TEXT, text)));
  }

  static Answer plain(String text) {
    return new Answer(200, Optional.of(new Content(Form.PLAIN, text)));
  }

  static Answer metrics(String page) {
    return new Answer(200, Optional.of(new Content(Form.METRICS, page)));
  }

  static int code(boolean healthy) {
    return healthy ? 200 : 503;
  }
}
