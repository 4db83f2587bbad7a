package dev.matriarch.http;

import dev.matriarch.config.RestApiSettings;
import dev.matriarch.config.RestApiSettings.ServerTokens;
import dev.matriarch.protocol.model.Endpoint;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
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
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The REST API on its port.
 *
 * <p>Requests are looked at by hand, without Pekko's routes: those would cost every agent the
 * memory of their classes, for a dozen of paths.
 */
public final class RestServer {
  private static final Logger LOG = LoggerFactory.getLogger(RestServer.class);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(1);
  private static final Set<String> WILDCARDS = Set.of("*", "0.0.0.0", "::");

  /** Headers that belong to the server itself: it would leave them out, or break. */
  private static final Set<String> RESERVED =
      Set.of("connection", "content-length", "content-type", "date", "server", "transfer-encoding");

  private final ServerBinding binding;

  private RestServer(ServerBinding binding) {
    this.binding = binding;
  }

  /**
   * Listens on {@code restapi.listen}.
   *
   * @return fails with a {@link BindException} that says what to change if the address cannot be
   *     had
   */
  public static CompletionStage<RestServer> start(
      ClassicActorSystemProvider system, RestApiSettings settings, RestSources sources) {
    var config = system.classicSystem().settings().config();
    var serverSettings =
        ServerSettings.create(config.getConfig("matriarch.rest").withFallback(config));
    var handler = new Handler(system, settings, sources);
    return Http.get(system)
        .newServerAt(host(settings.listen()), settings.listen().port())
        .withSettings(serverSettings)
        .bindSync(handler::handle)
        .thenApply(RestServer::new)
        .exceptionally(failure -> {
          throw new CompletionException(cannotListen(settings.listen(), failure));
        });
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** Takes no more calls and ends the connections. */
  public CompletionStage<?> stop() {
    return binding.terminate(STOP_TIMEOUT);
  }

  /** Java takes the wildcard of IPv4 for both families where the host has both. */
  private static String host(Endpoint listen) {
    return WILDCARDS.contains(listen.host()) ? "0.0.0.0" : listen.host();
  }

  private static BindException cannotListen(Endpoint listen, Throwable failure) {
    var cause =
        Stream.iterate(failure, it -> it != null, Throwable::getCause)
            .reduce((_, deeper) -> deeper)
            .orElse(failure);
    var bindException =
        new BindException(
            "restapi.listen: cannot listen on %s: %s. Stop the program that uses the address, or"
                    .formatted(listen, cause.getMessage())
                + " set restapi.listen to an address of this host and a free port");
    bindException.initCause(failure);
    return bindException;
  }

  /** Carries calls to the API and answers back. */
  private static final class Handler {
    private static final ContentType HTML = MediaTypes.TEXT_HTML.toContentTypeWithMissingCharset();
    private static final ContentType PLAIN =
        MediaTypes.TEXT_PLAIN.toContentTypeWithMissingCharset();

    private final ClassicActorSystemProvider system;
    private final PatroniApi api;
    private final List<HttpHeader> headers;

    Handler(ClassicActorSystemProvider system, RestApiSettings settings, RestSources sources) {
      this.system = system;
      api = new PatroniApi(sources);
      var libraryVersion =
          system.classicSystem().settings().config().getString("pekko.http.version");
      headers = headers(settings, sources.identity().version(), libraryVersion);
    }

    HttpResponse handle(HttpRequest request) {
      var start = System.nanoTime();
      request.discardEntityBytes(system);
      var method = request.method().name();
      var path = request.getUri().path();
      var answer = api.answer(method, path, request.getUri().rawQueryString().orElse(""));
      LOG.debug(
          "{} {} -> {} in {} µs",
          method,
          path,
          answer.status(),
          (System.nanoTime() - start) / 1000);
      var response = HttpResponse.create().withStatus(answer.status());
      return answer
          .content()
          .map(content ->
              response
                  .addHeaders(headers)
                  .withEntity(
                      HttpEntities.create(contentType(content.form()), bytes(content.text()))))
          .orElse(response);
    }

    private static byte[] bytes(String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ContentType contentType(Answer.Form form) {
      return switch (form) {
        case JSON -> ContentTypes.APPLICATION_JSON;
        case TEXT -> HTML;
        case METRICS -> PLAIN;
      };
    }

    private static List<HttpHeader> headers(
        RestApiSettings settings, String version, String libraryVersion) {
      var headers = new ArrayList<HttpHeader>();
      headers.add(server(settings.serverTokens(), version, libraryVersion));
      settings.httpExtraHeaders().entrySet().stream()
          .filter(Handler::isUsable)
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
}
