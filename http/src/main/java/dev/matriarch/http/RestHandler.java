package dev.matriarch.http;

import dev.matriarch.config.RestApiSettings;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.model.headers.ProductVersion;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.model.headers.Server;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries calls of Pekko HTTP to the API and answers back. */
final class RestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RestHandler.class);

  /** Headers that belong to the server itself: it would leave them out, or break. */
  private static final Set<String> RESERVED =
      Set.of("connection", "content-length", "content-type", "date", "server", "transfer-encoding");

  private static final ContentType HTML = MediaTypes.TEXT_HTML.toContentTypeWithMissingCharset();
  private static final ContentType PLAIN = MediaTypes.TEXT_PLAIN.toContentTypeWithMissingCharset();

  private static final Duration BODY_TIMEOUT = Duration.ofSeconds(5);
  private static final long BODY_BYTES_MAX = 64 * 1024;

  private final ClassicActorSystemProvider system;
  private final PatroniApi api;
  private final OrderApi orders;
  private final Gate gate;
  private final List<HttpHeader> headers;

  RestHandler(ClassicActorSystemProvider system, RestApiSettings settings, RestSources sources) {
    this.system = system;
    api = new PatroniApi(sources);
    orders = new OrderApi(sources);
    gate = new Gate(settings.authentication());
    var libraryVersion = system.classicSystem().settings().config().getString("pekko.http.version");
    headers = headers(settings, sources.identity().version(), libraryVersion);
  }

  CompletionStage<HttpResponse> handle(HttpRequest request) {
    var start = System.nanoTime();
    var method = request.method().name();
    var path = request.getUri().path();
    return answer(request, method, path)
        .thenApply(answer -> {
          LOG.debug(
              "{} {} -> {} in {} µs",
              method,
              path,
              answer.status(),
              (System.nanoTime() - start) / 1000);
          return response(answer);
        });
  }

  private CompletionStage<Answer> answer(HttpRequest request, String method, String path) {
    if (!orders.takes(method, path)) {
      request.discardEntityBytes(system);
      var query = request.getUri().rawQueryString().orElse("");
      return CompletableFuture.completedFuture(api.answer(method, path, query));
    }
    var login = request.getHeader("Authorization").map(HttpHeader::value);
    var denied = gate.denied(login);
    if (denied.isPresent()) {
      request.discardEntityBytes(system);
      return CompletableFuture.completedFuture(denied.get());
    }
    return request
        .entity()
        .toStrict(BODY_TIMEOUT.toMillis(), BODY_BYTES_MAX, system)
        .thenApply(body -> body.getData().utf8String())
        .handle((body, failure) ->
            failure == null
                ? orders.answer(method, path, body)
                : CompletableFuture.completedFuture(
                    Answer.text(400, "the body is too long, or did not come in time")))
        .thenCompose(answer -> answer);
  }

  private HttpResponse response(Answer answer) {
    var response = HttpResponse.create().withStatus(answer.status());
    if (answer.status() == Gate.UNAUTHORIZED) {
      response = response.addHeader(RawHeader.create("WWW-Authenticate", Gate.CHALLENGE));
    }
    var plain = response;
    return answer
        .content()
        .map(content ->
            plain
                .addHeaders(headers)
                .withEntity(
                    HttpEntities.create(contentType(content.form()), bytes(content.text()))))
        .orElse(plain);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ContentType contentType(Answer.Form form) {
    return switch (form) {
      case JSON -> ContentTypes.APPLICATION_JSON;
      case TEXT -> HTML;
      case PLAIN, METRICS -> PLAIN;
    };
  }

  private static List<HttpHeader> headers(
      RestApiSettings settings, String version, String libraryVersion) {
    var headers = new ArrayList<HttpHeader>();
    headers.add(server(settings.serverTokens(), version, libraryVersion));
    settings.httpExtraHeaders().entrySet().stream()
        .filter(RestHandler::isUsable)
        .map(header -> RawHeader.create(header.getKey(), header.getValue()))
        .forEach(headers::add);
    return List.copyOf(headers);
  }

  private static boolean isUsable(Map.Entry<String, String> header) {
    var reserved = RESERVED.contains(header.getKey().toLowerCase(Locale.ROOT));
    if (reserved) {
      LOG.warn(
          "restapi.http_extra_headers: '{}' is the server's own header and is not changed",
          header.getKey());
    }
    return !reserved;
  }

  private static HttpHeader server(ServerTokens tokens, String version, String libraryVersion) {
    return switch (tokens) {
      case ORIGINAL ->
          Server.create(
              ProductVersion.create("Pekko-HTTP", libraryVersion),
              ProductVersion.create("Java", Runtime.version().toString()));
      case MINIMAL -> Server.create(ProductVersion.create("Patroni", version));
      case PRODUCT_ONLY -> Server.create(ProductVersion.create("Patroni", ""));
    };
  }
}
