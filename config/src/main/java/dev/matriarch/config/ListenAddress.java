package dev.matriarch.config;

import dev.matriarch.protocol.model.Endpoint;
import java.net.Inet6Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One or more addresses with one port: {@code 10.0.0.1}, {@code 10.0.0.1:5432}, {@code *:5432},
 * {@code a,b:5432}, {@code [::1]:port}.
 *
 * @param hosts without brackets, at least one
 */
record ListenAddress(List<String> hosts, int port) {
  private static final Pattern HOST = Pattern.compile("\\*|[A-Za-z0-9_.:%-]+");
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");
  private static final Set<String> WILDCARDS = Set.of("*", "0.0.0.0", "::");

  /** The port stands after the last host only; empty if the text has another form. */
  static Optional<ListenAddress> parse(String text, int defaultPort) {
    var items = text.strip().split(",", -1);
    var last = items[items.length - 1].strip();
    var colon = last.lastIndexOf(':');
    var before = last.substring(0, Math.max(colon, 0));
    // An IPv6 address without brackets has no port after it.
    var hasPort = colon >= 0 && (before.indexOf(':') < 0 || before.endsWith("]"));
    var portText = last.substring(colon + 1);
    if (hasPort && !PORT.matcher(portText).matches()) {
      return Optional.empty();
    }
    var port = hasPort ? Integer.parseInt(portText) : defaultPort;
    items[items.length - 1] = hasPort ? before : last;
    var hosts = new ArrayList<String>();
    for (var item : items) {
      var host = bare(item.strip());
      if (!HOST.matcher(host).matches() || (host.contains(":") && !isIpv6(host))) {
        return Optional.empty();
      }
      hosts.add(host);
    }
    return port < 1 || port > 65_535
        ? Optional.empty()
        : Optional.of(new ListenAddress(List.copyOf(hosts), port));
  }

  /** The only host with the port; empty if there are several. */
  Optional<Endpoint> endpoint() {
    return hosts.size() == 1 ? Optional.of(new Endpoint(hosts.getFirst(), port)) : Optional.empty();
  }

  /** An address that others can connect to: one host, which is not a wildcard. */
  Optional<Endpoint> reachable() {
    return endpoint().filter(endpoint -> !isWildcard(endpoint.host()));
  }

  static boolean isWildcard(String host) {
    return WILDCARDS.contains(host);
  }

  static boolean isLoopback(String host) {
    var lower = host.toLowerCase(Locale.ROOT);
    return lower.equals("localhost") || lower.equals("::1") || lower.matches("127(\\.\\d+){3}");
  }

  private static boolean isIpv6(String host) {
    try {
      // The zone names an interface, which another host need not have.
      return Inet6Address.ofLiteral(host.replaceFirst("%.+", "")) instanceof Inet6Address;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String bare(String host) {
    return host.startsWith("[") && host.endsWith("]") && host.length() > 2
        ? host.substring(1, host.length() - 1)
        : host;
  }
}
