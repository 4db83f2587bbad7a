package dev.matriarch.http;

import dev.matriarch.config.RestApiSettings;
import dev.matriarch.protocol.model.Endpoint;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.TLSProtocol.SessionBytes;
import org.apache.pekko.stream.TLSProtocol.SslTlsInbound;
import org.apache.pekko.stream.TLSProtocol.SslTlsOutbound;
import org.apache.pekko.stream.javadsl.BidiFlow;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.TLSPlacebo;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;

/**
 * The REST API on its port.
 *
 * <p>Requests are looked at by hand, without Pekko's routes: those would cost every agent the
 * memory of their classes, for a dozen of paths. Pekko's HTTP layer is put on the port by hand too,
 * because {@link FirstHead} must see the bytes before it.
 */
public final class RestServer {
  private static final Set<String> WILDCARDS = Set.of("*", "0.0.0.0", "::");

  private final Tcp.ServerBinding binding;
  private final SharedKillSwitch connections;

  private RestServer(Tcp.ServerBinding binding, SharedKillSwitch connections) {
    this.binding = binding;
    this.connections = connections;
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
    var server = ServerSettings.create(config.getConfig("matriarch.rest").withFallback(config));
    var idleTimeout = config.getDuration("matriarch.rest.pekko.http.server.idle-timeout");
    var connections = KillSwitches.shared("rest-connections");
    var flow = connection(system, server, new RestHandler(system, settings, sources), connections);
    return Tcp.get(system.classicSystem())
        .bind(
            host(settings.listen()),
            settings.listen().port(),
            server.getBacklog(),
            List.of(),
            false,
            Optional.of(idleTimeout))
        .mapAsyncUnordered(
            server.getMaxConnections(),
            // A connection that breaks is the client's affair.
            incoming -> incoming.handleWith(flow, system).exceptionally(_ -> Done.getInstance()))
        .to(Sink.ignore())
        .run(system)
        .thenApply(binding -> new RestServer(binding, connections))
        .exceptionally(failure -> {
          throw new CompletionException(cannotListen(settings.listen(), failure));
        });
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** Takes no more calls and ends the connections. */
  public CompletionStage<Done> stop() {
    return binding
        .unbind()
        .thenCompose(_ -> {
          connections.shutdown();
          return binding.whenUnbound();
        });
  }

  private static Flow<ByteString, ByteString, CompletionStage<Done>> connection(
      ClassicActorSystemProvider system,
      ServerSettings settings,
      RestHandler handler,
      SharedKillSwitch connections) {
    BidiFlow<SslTlsOutbound, SslTlsOutbound, SessionBytes, SslTlsInbound, NotUsed> inboundOfPlain =
        BidiFlow.fromFlows(
            Flow.<SslTlsOutbound>create(), Flow.<SessionBytes>create().map(bytes -> bytes));
    var http =
        Http.get(system)
            .serverLayer(settings)
            .atop(inboundOfPlain)
            .atop(TLSPlacebo.getInstance())
            .reversed()
            .join(Flow.<HttpRequest>create().<HttpResponse>mapAsync(1, handler::handle));
    return Flow.<ByteString>create()
        .via(connections.flow())
        .statefulMapConcat(() -> new FirstHead()::accept)
        .via(http)
        .watchTermination(Keep.right());
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
}
