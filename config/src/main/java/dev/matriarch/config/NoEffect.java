package dev.matriarch.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Keys of patroni.yml that are accepted without an effect, and why nothing comes of them. */
final class NoEffect {
  private static final String NOT_YET = "it is not supported yet";
  static final String TCP_ONLY = "the agent connects to its PostgreSQL by TCP";
  private static final String NO_STORE = "there is no external store";
  private static final String OTHER_THREADS = "threads are made as they are needed";
  private static final String PLAIN_REST =
      "the REST API is served without TLS; let a proxy encrypt it, or keep it in a private network";
  private static final String OPEN_REST =
      "it is not supported yet; whoever reaches the REST port and passes restapi.authentication may"
          + " ask for a switchover";

  /** Sections of stores; with one of them a file without cluster.members is refused. */
  static final Set<String> STORES =
      Set.of("etcd", "etcd3", "consul", "zookeeper", "exhibitor", "kubernetes", "raft");

  static final Map<String, String> ROOT = root();

  static final Map<String, String> RESTAPI =
      Map.ofEntries(
          Map.entry("allowlist", OPEN_REST),
          Map.entry("allowlist_include_members", OPEN_REST),
          Map.entry("certfile", PLAIN_REST),
          Map.entry("keyfile", PLAIN_REST),
          Map.entry("keyfile_password", PLAIN_REST),
          Map.entry("cafile", PLAIN_REST),
          Map.entry("ciphers", PLAIN_REST),
          Map.entry("verify_client", PLAIN_REST),
          Map.entry("https_extra_headers", PLAIN_REST),
          Map.entry("request_queue_size", "the server sizes its queues itself"),
          Map.entry("thread_pool_size", OTHER_THREADS));

  static final Map<String, String> POSTGRESQL = postgresql();

  static final Map<String, String> CREDENTIALS = credentials();

  static final Map<String, String> BOOTSTRAP =
      Map.of(
          "users", "roles are made with SQL, after the cluster has been made",
          "post_bootstrap", "no script runs after initdb; run it on the primary by hand",
          "post_init", "no script runs after initdb; run it on the primary by hand",
          "pg_ident", "write it into postgresql.pg_ident");

  static final Map<String, String> LOG =
      Map.of(
          "traceback_level", "stack traces are logged with every error",
          "format", "the form of a log line is fixed; 'type: json' is the other one",
          "dateformat", "the form of a log line is fixed; 'type: json' is the other one",
          "static_fields", NOT_YET,
          "max_queue_size", "log lines are written at once",
          "mode", "the permissions of log files follow the umask",
          "deduplicate_heartbeat_logs", "only changes are logged");

  /** Tags that other members do not heed yet. */
  static final SortedMap<String, String> TAGS =
      new TreeMap<>(
          Map.of(
              "clonefrom", "new replicas are copied from the leader",
              "replicatefrom", "every replica follows the leader",
              "nostream", "every replica streams from the leader"));

  private NoEffect() {}

  private static Map<String, String> root() {
    var keys = new LinkedHashMap<String, String>();
    STORES.forEach(
        store -> keys.put(store, NO_STORE + "; the members under 'cluster' elect the primary"));
    keys.put("namespace", NO_STORE);
    keys.put("ctl", "the agents talk to each other by the transport of 'cluster'");
    keys.put("citus", NOT_YET);
    keys.put("thread_pool_size", OTHER_THREADS);
    keys.put("thread_stack_size", OTHER_THREADS);
    return Map.copyOf(keys);
  }

  private static Map<String, String> postgresql() {
    var keys = new LinkedHashMap<String, String>();
    keys.put("proxy_address", NOT_YET);
    keys.put("config_dir", "PostgreSQL's configuration is kept in its data directory");
    keys.put("bin_name", "the programs have their usual names, in postgresql.bin_dir");
    keys.put("use_unix_socket_repl", "replication connects by TCP");
    keys.put("custom_conf", "the configuration found in the data directory is the base");
    keys.put("callbacks", "no scripts are called yet");
    keys.put("pre_promote", "no script is asked before a promotion yet");
    keys.put("before_stop", "no scripts are called yet");
    keys.put("create_replica_methods", "replicas are made with pg_basebackup");
    keys.put("create_replica_method", "replicas are made with pg_basebackup");
    keys.put("rewind", "pg_rewind runs with the options it needs");
    keys.put(
        "remove_data_directory_on_rewind_failure",
        "a data directory that cannot be used is moved aside, never removed");
    keys.put(
        "remove_data_directory_on_diverged_timelines",
        "a data directory that cannot be used is moved aside, never removed");
    keys.put("use_slots", "it is part of the dynamic configuration, bootstrap.dcs.postgresql");
    keys.put("database", "the agent connects to the database postgres");
    keys.put("config_base_name", "the configuration file is postgresql.conf");
    keys.put("krbsrvname", NOT_YET);
    for (var kind : Set.of("parameters", "pg_hba", "pg_ident")) {
      for (var role : Set.of("primary", "replica", "standby_leader")) {
        keys.put(kind + "_" + role, NOT_YET);
      }
    }
    return Map.copyOf(keys);
  }

  private static Map<String, String> credentials() {
    var keys = new LinkedHashMap<String, String>();
    for (var key :
        Set.of(
            "sslmode",
            "sslkey",
            "sslpassword",
            "sslcert",
            "sslrootcert",
            "sslcrl",
            "sslcrldir",
            "sslnegotiation",
            "gssencmode",
            "channel_binding")) {
      keys.put(key, "the agent connects with a user name and a password only");
    }
    return Map.copyOf(keys);
  }
}
