package dev.matriarch.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.ha.SwitchoverRequest.Kind;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.NodeView;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls that change something, in Patroni's form. */
final class OrderApi {
  private static final Logger LOG = LoggerFactory.getLogger(OrderApi.class);
  private static final JsonMapper MAPPER = new JsonMapper();

  private static final String SWITCHOVER = "/switchover";
  private static final String FAILOVER = "/failover";

  private final RestSources sources;

  OrderApi(RestSources sources) {
    this.sources = sources;
  }

  /** Whether a call is one of these; all others change nothing. */
  boolean takes(String method, String path) {
    return switch (path) {
      case SWITCHOVER -> method.equals("POST") || method.equals("DELETE");
      case FAILOVER -> method.equals("POST");
      default -> false;
    };
  }

  /** What becomes of a call that is taken. */
  CompletionStage<Answer> answer(String method, String path, String body) {
    if (method.equals("DELETE")) {
      return now(Answer.text(404, "no switchover is scheduled"));
    }
    JsonNode json;
    try {
      json = MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      return now(Answer.text(400, "the body is no JSON: " + e.getOriginalMessage()));
    }
    if (!json.isObject()) {
      return now(Answer.text(400, "the body has to be a JSON object"));
    }
    return order(path.equals(SWITCHOVER) ? Kind.SWITCHOVER : Kind.FAILOVER, json);
  }

  private CompletionStage<Answer> order(Kind kind, JsonNode json) {
    var leader = member(json, "leader");
    var candidate = member(json, "candidate").or(() -> member(json, "member"));
    var scheduled = text(json, "scheduled_at");
    if (kind == Kind.FAILOVER && candidate.isEmpty()) {
      return now(Answer.text(400, "Failover could be performed only to a specific candidate"));
    }
    if (kind == Kind.SWITCHOVER && leader.isEmpty()) {
      return now(Answer.text(400, "Switchover could be performed only from a specific leader"));
    }
    if (scheduled.isPresent()) {
      return now(
          kind == Kind.FAILOVER
              ? Answer.text(400, "Failover can't be scheduled")
              : Answer.text(
                  501,
                  "a switchover cannot be scheduled here: ask for it when it is due, without"
                      + " scheduled_at"));
    }
    if (candidate.isEmpty() && sources.views().get().filter(NodeView::pause).isPresent()) {
      return now(
          Answer.text(
              400, "Switchover is possible only to a specific candidate in a paused state"));
    }
    if (leader.isPresent() && leader.equals(candidate)) {
      return now(Answer.text(400, "Switchover target and source are the same"));
    }
    var switched = leader.isPresent() ? Kind.SWITCHOVER : Kind.FAILOVER;
    if (switched != kind) {
      LOG.warn("a failover from a certain leader is carried out as a switchover");
    }
    return sources
        .switchover()
        .apply(new SwitchoverRequest(switched, leader, candidate))
        .thenApply(it -> Answer.text(status(it.result()), it.text()))
        .exceptionally(failure -> {
          LOG.warn("no answer to a {}", kind.noun(), failure);
          return Answer.text(503, "no answer; see the logs of the agents");
        });
  }

  private static int status(SwitchoverAnswer.Result result) {
    return switch (result) {
      case DONE -> 200;
      case NOT_POSSIBLE -> 412;
      case BUSY -> 409;
      case FAILED, UNKNOWN -> 503;
    };
  }

  private static Optional<NodeId> member(JsonNode json, String key) {
    return text(json, key).map(NodeId::new);
  }

  private static Optional<String> text(JsonNode json, String key) {
    return Optional.of(json.path(key).asText("")).filter(it -> !it.isBlank());
  }

  private static CompletionStage<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
