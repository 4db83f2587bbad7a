package dev.matriarch.http;

import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.SynchronousKeys;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.report.Explanation;
import dev.matriarch.protocol.status.NodeView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Answers calls in Patroni's form: the handler is chosen by the method and the first segment of the
 * path, and a GET of anything unknown is a health check that fails.
 */
final class PatroniApi {
  private static final int NOT_IMPLEMENTED = 501;
  private static final int BAD_GATEWAY = 502;
  private static final int UNAVAILABLE = 503;

  private final RestSources sources;
  private final Duration started;

  PatroniApi(RestSources sources) {
    this.sources = sources;
    started = sources.clock().get();
  }

  /**
   * @param path starts with a slash
   * @param rawQuery what follows the question mark, still encoded
   */
  Answer answer(String method, String path, String rawQuery) {
    var now = sources.clock().get();
    var picture = sources.views().get().map(view -> new Picture(view, now));
    var query = Query.parse(rawQuery);
    return switch (method) {
      case "GET" -> get(path, query, picture, now);
      case "HEAD", "OPTIONS" -> Answer.statusOnly(HealthTable.isHealthy(path, query, picture));
      default -> Answer.text(NOT_IMPLEMENTED, "Unsupported method ('%s')".formatted(method));
    };
  }

  private Answer get(String path, Query query, Optional<Picture> picture, Duration now) {
    var settings = sources.dynamic();
    return switch (firstSegment(path)) {
      case "patroni" -> Answer.json(200, StatusJson.of(sources.identity(), picture));
      case "cluster" ->
          picture
              .map(known -> Answer.json(200, ClusterJson.cluster(known)))
              .orElseGet(() -> Answer.text(UNAVAILABLE, "nothing is known of the cluster yet"));
      case "history" ->
          picture
              .map(known -> Answer.json(200, history(known.view())))
              .orElseGet(() -> Answer.text(UNAVAILABLE, "nothing is known of the cluster yet"));
      case "failovers" ->
          picture
              .map(known -> Answer.json(200, FailoverJson.of(known.view())))
              .orElseGet(() -> Answer.text(UNAVAILABLE, "nothing is known of the cluster yet"));
      case "explain" ->
          picture
              .map(known -> explanation(known, query, settings.get()))
              .orElseGet(() -> Answer.text(UNAVAILABLE, "nothing is known of the cluster yet"));
      case "config" ->
          recordIn(picture)
              .map(record -> Answer.json(200, ClusterJson.config(record)))
              .orElseGet(() -> Answer.text(BAD_GATEWAY, "there is no configuration yet"));
      case "failsafe" -> Answer.text(BAD_GATEWAY, "failsafe mode is not enabled");
      case "metrics" -> Answer.metrics(Metrics.page(sources.identity(), picture));
      case "liveness" ->
          Answer.statusOnly(HealthTable.isLive(picture, started, now, settings.get().ttl()));
      case "readiness" ->
          Answer.statusOnly(
              HealthTable.isReady(query, picture, settings.get().maximumLagOnFailoverBytes()));
      default ->
          Answer.json(
              Answer.code(HealthTable.isHealthy(path, query, picture)),
              StatusJson.of(sources.identity(), picture));
    };
  }

  private Answer explanation(Picture picture, Query query, DynamicSettings settings) {
    var policy =
        picture
            .view()
            .record()
            .map(record -> SynchronousKeys.policy(record.config()))
            .orElseGet(settings::synchronous);
    var limits = new Explanation.Limits(settings.maximumLagOnFailoverBytes(), policy);
    var explanation = Explanation.of(picture.view(), limits, picture.now());
    return query.first("format").filter("text"::equals).isPresent()
        ? Answer.plain(ExplanationText.text(sources.identity(), explanation))
        : Answer.json(200, ExplanationText.json(sources.identity(), explanation));
  }

  private static Object history(NodeView view) {
    return view.record().map(ClusterJson::history).orElseGet(List::of);
  }

  private static Optional<ClusterRecord> recordIn(Optional<Picture> picture) {
    return picture.flatMap(known -> known.view().record());
  }

  private static String firstSegment(String path) {
    var start = 0;
    while (start < path.length() && path.charAt(start) == '/') {
      start++;
    }
    var end = path.indexOf('/', start);
    return path.substring(start, end < 0 ? path.length() : end);
  }
}
