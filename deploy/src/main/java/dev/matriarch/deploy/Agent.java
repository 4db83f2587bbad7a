package dev.matriarch.deploy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.matriarch.actors.Latest;
import dev.matriarch.actors.Node;
import dev.matriarch.actors.postgres.HostClock;
import dev.matriarch.config.AgentSettings;
import dev.matriarch.config.ClusterSettings;
import dev.matriarch.config.DynamicSettings;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.config.Problem;
import dev.matriarch.config.SettingsLoader;
import dev.matriarch.config.SettingsResult;
import dev.matriarch.http.Identity;
import dev.matriarch.http.RestServer;
import dev.matriarch.http.RestSources;
import dev.matriarch.persistence.VoterStoreConfig;
import dev.matriarch.protocol.status.NodeView;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The agent as a process: starts it from its file and stays until it has stopped in order. */
final class Agent {
  private static final Logger LOG = LoggerFactory.getLogger(Agent.class);
  private static final String SYSTEM = "matriarch";

  /** The cluster answers long before, if only that it does not know. */
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(10);

  private final AgentSettings settings;
  private final Latest<Optional<NodeView>> view = new Latest<>(Optional.empty());
  private final Latest<Node.Ending> ending = new Latest<>(Node.Ending.STOPPED);
  private final Latest<Optional<ActorSystem<Node.Command>>> running =
      new Latest<>(Optional.empty());
  private final Latest<Boolean> stopping = new Latest<>(false);

  /** The exit status. */
  private final CompletableFuture<Integer> over = new CompletableFuture<>();

  private Agent(AgentSettings settings) {
    this.settings = settings;
  }

  /**
   * Runs the agent in the foreground.
   *
   * @return the exit status of the process: 0 after an orderly stop, 1 when it could not run
   */
  static int run(Path file) {
    return switch (SettingsLoader.load(file)) {
      case SettingsResult.Invalid(var problems) -> {
        problems.stream().map(Problem::format).forEach(System.err::println);
        System.err.println("Error: %s has %d problems".formatted(file, problems.size()));
        yield 1;
      }
      case SettingsResult.Loaded(var settings, var warnings) -> {
        Logging.apply(settings.log());
        warnings.forEach(it -> LOG.warn("{}: {}", file, it));
        yield new Agent(settings).live();
      }
    };
  }

  /**
   * One actor system after the other. A signal may come before the first is there, or between two;
   * it ends the one that comes next.
   */
  private int live() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stopInOrder, "stop"));
    LOG.info(
        "matriarch {}: node {} of cluster {}",
        Version.current(),
        settings.name(),
        settings.scope());
    var status = 0;
    try {
      do {
        status = oneLife() ? 0 : 1;
      } while (status == 0 && ending.get() == Node.Ending.RENEWED);
    } finally {
      over.complete(status);
    }
    return status;
  }

  /** One actor system, from its start to its end; false if it could not run. */
  private boolean oneLife() {
    ending.set(Node.Ending.FAILED);
    var parts = new Node.Parts(settings, guardian(), Version.current(), view, ending);
    ActorSystem<Node.Command> system;
    try {
      system = ActorSystem.create(Node.create(parts), SYSTEM, config());
    } catch (RuntimeException e) {
      LOG.error("the agent cannot start: {}", reason(e));
      return false;
    }
    running.set(Optional.of(system));
    if (stopping.get()) {
      system.tell(new Node.Shutdown());
    }
    var listening = true;
    try {
      RestServer.start(system, settings.restApi(), sources(system)).toCompletableFuture().join();
    } catch (CompletionException e) {
      LOG.error("{}", Optional.ofNullable(e.getCause()).orElse(e).getMessage());
      listening = false;
      system.terminate();
    }
    system.getWhenTerminated().toCompletableFuture().join();
    running.set(Optional.empty());
    return listening && ending.get() != Node.Ending.FAILED;
  }

  private String reason(RuntimeException failure) {
    for (Throwable it = failure; it != null; it = it.getCause()) {
      if (it instanceof BindException) {
        return "cluster.listen %s cannot be had (%s): another program listens there, or the address is not of this host"
            .formatted(settings.cluster().listen(), it.getMessage());
      }
    }
    return failure.toString();
  }

  private RestSources sources(ActorSystem<Node.Command> system) {
    return new RestSources(
        new Identity(Version.current(), settings.scope(), settings.name()),
        view::get,
        () -> Duration.ofNanos(HostClock.bootNanos()),
        this::dynamic,
        request ->
            AskPattern.ask(
                system,
                replyTo -> new Node.Switch(request, replyTo),
                ANSWER_TIMEOUT,
                system.scheduler()));
  }

  /** At SIGTERM or SIGINT: PostgreSQL first, then the agent; the exit status is that of success. */
  private void stopInOrder() {
    stopping.set(true);
    running.get().ifPresent(system -> system.tell(new Node.Shutdown()));
    Runtime.getRuntime().halt(over.join());
  }

  private DynamicSettings dynamic() {
    var config =
        view.get()
            .flatMap(NodeView::record)
            .map(it -> it.config())
            .orElse(settings.bootstrap().dcs());
    return DynamicSettingsReader.read(config).settings();
  }

  private Config config() {
    var cluster = settings.cluster();
    var values = new HashMap<String, Object>();
    values.put("pekko.remote.artery.canonical.hostname", cluster.connectAddress().host());
    values.put("pekko.remote.artery.canonical.port", cluster.connectAddress().port());
    values.put("pekko.remote.artery.bind.hostname", bindHost(cluster));
    values.put("pekko.remote.artery.bind.port", cluster.listen().port());
    cluster.tls().ifPresent(it -> values.putAll(tls(it)));
    return VoterStoreConfig.of(
            cluster.dataDir().resolve("voter.json"), settings.scope(), settings.name())
        .withFallback(ConfigFactory.parseMap(values, "the agent's file"))
        .withFallback(ConfigFactory.load());
  }

  private static String bindHost(ClusterSettings cluster) {
    return cluster.listen().host().equals("*") ? "0.0.0.0" : cluster.listen().host();
  }

  private static Map<String, Object> tls(ClusterSettings.Tls tls) {
    var engine = "pekko.remote.artery.ssl.rotating-keys-engine.";
    return Map.of(
        "pekko.remote.artery.transport",
        "tls-tcp",
        "pekko.remote.artery.ssl.ssl-engine-provider",
        "org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider",
        engine + "key-file",
        tls.keyFile().toString(),
        engine + "cert-file",
        tls.certFile().toString(),
        engine + "ca-cert-file",
        tls.caFile().toString());
  }

  /** Beside the jars of the distribution. */
  private static Path guardian() {
    var configured = Optional.ofNullable(System.getProperty("matriarch.home")).map(Path::of);
    var jar =
        Optional.ofNullable(Agent.class.getProtectionDomain().getCodeSource())
            .map(it -> Path.of(URI.create(it.getLocation().toString())));
    var home = configured.or(() -> jar.map(it -> it.resolve("../..").normalize()));
    return home.orElse(Path.of("")).resolve("libexec").resolve("guardian");
  }
}
