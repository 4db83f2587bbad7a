package dev.matriarch.actors;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.matriarch.config.DynamicSettingsReader;
import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.Candidacy;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.Course;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Electorate;
import dev.matriarch.protocol.election.HistoryEntry;
import dev.matriarch.protocol.election.Incarnation;
import dev.matriarch.protocol.election.RecordChange;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.SyncSet;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.model.Endpoint;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.model.Position;
import dev.matriarch.protocol.model.Tags;
import dev.matriarch.protocol.report.Failover;
import dev.matriarch.protocol.report.Phase;
import dev.matriarch.protocol.status.Ability;
import dev.matriarch.protocol.status.Hindrance;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.PgRole;
import dev.matriarch.protocol.status.PgState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What agents say to each other arrives as it was sent, and fits into a frame. */
class WireMessageTest {
  private static final NodeId A = new NodeId("node-a");
  private static final NodeId B = new NodeId("node-b");
  private static final StoreId STORE = new StoreId("0b5f9c0e");
  private static final Ballot BALLOT = new Ballot(7, A, STORE);
  private static final Version VERSION = new Version(BALLOT, 3);
  private static final Position POSITION = new Position(4, Lsn.parse("AB/12345678"));

  private static ActorTestKit kit;
  private static Serialization serialization;

  @BeforeAll
  static void start() {
    kit = TestSystem.create();
    serialization = SerializationExtension.get(kit.system());
  }

  @AfterAll
  static void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void everyElectionMessageArrivesAsItWasSent() {
    var samples = electionMessages();
    assertThat(samples.stream().map(Object::getClass).collect(Collectors.toSet()))
        .as("a sample of each")
        .containsExactlyInAnyOrder(ElectionMessage.class.getPermittedSubclasses());
    for (var sample : samples) {
      var message = new Election.Deliver(sample);
      assertThat(roundTrip(message)).isEqualTo(message);
    }
  }

  @Test
  void everyStatusArrivesAsItWasSent() {
    for (var status : List.of(fullStatus(), emptyStatus())) {
      assertThat(roundTrip(new Members.Told(status))).isEqualTo(new Members.Told(status));
    }
  }

  @Test
  void anOperatorsRequestAndItsAnswerArriveAsTheyWereSent() {
    for (var candidate : List.of(Optional.of(B), Optional.<NodeId>empty())) {
      var request =
          new SwitchoverRequest(SwitchoverRequest.Kind.SWITCHOVER, Optional.of(A), candidate);
      var forwarded = new Operator.Forwarded(Long.MAX_VALUE, B, request);
      assertThat(roundTrip(forwarded)).isEqualTo(forwarded);
    }
    var answered = new Operator.Answered(1, SwitchoverAnswer.busy());
    assertThat(roundTrip(answered)).isEqualTo(answered);
  }

  @Test
  void aStatusThatLacksWhatWasAddedLaterArrivesWithoutIt() throws IOException {
    var cbor = new CBORMapper();
    var told = new Members.Told(fullStatus());
    var tree = cbor.readTree(bytes(told));
    assertThat(((ObjectNode) tree.get("status")).remove("incarnation")).isNotNull();
    assertThat(((ObjectNode) tree.get("status")).remove("ability")).isNotNull();
    var arrived = (Members.Told) arrived(told, cbor.writeValueAsBytes(tree));
    assertThat(arrived.status().incarnation()).isEmpty();
    assertThat(arrived.status().ability()).isEmpty();
    assertThat(arrived.status())
        .usingRecursiveComparison()
        .ignoringFields("incarnation", "ability")
        .isEqualTo(fullStatus());
  }

  @Test
  void whatALaterVersionAddsToAMessageIsIgnored() throws IOException {
    for (var sample : electionMessages()) {
      var sent = new Election.Deliver(sample);
      var cbor = new CBORMapper();
      var tree = cbor.readTree(bytes(sent));
      ((ObjectNode) tree).put("later", 1);
      ((ObjectNode) tree.get("message")).putObject("later").put("still", 2);
      assertThat(arrived(sent, cbor.writeValueAsBytes(tree))).isEqualTo(sent);
    }
  }

  /** What bytes of the type of {@code sent} are here. */
  private static Object arrived(WireMessage sent, byte[] bytes) {
    var serializer = serialization.findSerializerFor(sent);
    return serialization
        .deserialize(bytes, serializer.identifier(), Serializers.manifestFor(serializer, sent))
        .get();
  }

  @Test
  void theDynamicConfigurationStaysReadable() {
    var sent =
        new Election.Deliver(new ElectionMessage.Accept(new VersionedRecord(VERSION, record(1))));
    var arrived =
        ((ElectionMessage.Accept) ((Election.Deliver) roundTrip(sent)).message()).value().record();
    var read = DynamicSettingsReader.read(arrived.config());
    assertThat(read.warnings()).isEmpty();
    assertThat(read.settings().parameters()).containsEntry("max_connections", "50");
    assertThat(read.settings().pgHba()).containsExactly("local all all peer");
  }

  @Test
  void aRecordWithALongHistoryFitsIntoAFrame() {
    var frame =
        kit.system()
            .settings()
            .config()
            .getBytes("pekko.remote.artery.advanced.maximum-frame-size");
    var record = record(ClusterRecord.HISTORY_MAX);
    var promise =
        new ElectionMessage.Promise(
            A,
            STORE,
            BALLOT,
            new Incarnation(A, Long.MIN_VALUE),
            Optional.of(new VersionedRecord(VERSION, record)),
            Optional.of(POSITION),
            true,
            true);
    assertThat(bytes(new Election.Deliver(promise)).length).isLessThan((int) (frame / 2));
  }

  @Test
  void aBeatIsSmall() {
    var beat =
        new ElectionMessage.Beat(A, VERSION, Long.MAX_VALUE, 30_000, Optional.of(POSITION), true);
    assertThat(bytes(new Election.Deliver(beat)).length).isLessThan(512);
  }

  private static List<ElectionMessage> electionMessages() {
    var candidacy =
        new Candidacy(A, true, Optional.of(true), false, Optional.of(POSITION), -1, true);
    var incarnation = new Incarnation(A, Long.MIN_VALUE);
    return List.of(
        new ElectionMessage.Beat(A, VERSION, 1, 5_000, Optional.of(POSITION), true),
        new ElectionMessage.Beat(A, Version.NONE, 1, 5_000, Optional.empty(), true),
        new ElectionMessage.Granted(B, STORE, BALLOT, 1, VERSION),
        new ElectionMessage.Canvass(B, 2, 9),
        new ElectionMessage.Opinion(B, 2, true, 9, candidacy),
        new ElectionMessage.Prepare(BALLOT, Optional.empty(), false),
        new ElectionMessage.Promise(
            B, STORE, BALLOT, incarnation, Optional.empty(), Optional.empty(), true, true),
        new ElectionMessage.Promise(
            B,
            STORE,
            BALLOT,
            incarnation,
            Optional.of(new VersionedRecord(VERSION, record(2))),
            Optional.of(POSITION),
            true,
            true),
        new ElectionMessage.Refused(B, BALLOT, 9, 1_500),
        new ElectionMessage.Accept(new VersionedRecord(VERSION, record(2))),
        new ElectionMessage.Accept(new VersionedRecord(VERSION, emptyRecord())),
        new ElectionMessage.Accepted(B, STORE, VERSION),
        new ElectionMessage.Release(
            BALLOT,
            Optional.of(B),
            Optional.of(new Position(3, new Lsn(7))),
            Optional.of("no commit")),
        new ElectionMessage.Release(BALLOT, Optional.empty(), Optional.empty(), Optional.empty()),
        new ElectionMessage.Yield(BALLOT));
  }

  private static ClusterRecord record(int leaderships) {
    var history = new ArrayList<HistoryEntry>();
    for (var timeline = 1; timeline <= leaderships; timeline++) {
      history.add(
          new HistoryEntry(
              timeline + 1_000_000L,
              timeline,
              Lsn.parse("FFFF/FFFFFFFF"),
              A,
              Optional.of("2026-01-02T03:04:05.678901234+01:00"),
              "the leader is lost, better candidates did not win",
              Optional.of(timeline - 1),
              course(leaderships - timeline)));
    }
    var voters = new TreeMap<>(Map.of(A, STORE, B, StoreId.UNKNOWN));
    return new ClusterRecord(
        7,
        Optional.of(A),
        Optional.of(B),
        4,
        new Electorate(voters),
        Optional.of(new Electorate(voters)),
        Optional.of(new SyncSet(Set.of(new Incarnation(A, 1), new Incarnation(B, 2)), 2)),
        history,
        5_000,
        Optional.of("7123456789012345678"),
        Map.of(
            "ttl",
            5,
            "loop_wait",
            0.5,
            "pause",
            false,
            "postgresql",
            Map.of(
                "parameters",
                Map.of("max_connections", 50, "jit", false),
                "pg_hba",
                List.of("local all all peer"))));
  }

  /** The newest have one each. */
  private static Optional<Course> course(int later) {
    var phasesMs = new TreeMap<String, Long>();
    for (var phase : Phase.values()) {
      phasesMs.put(phase.text(), 123_456L);
    }
    return Optional.of(new Course(true, 12, Failover.State.LOST.text(), phasesMs))
        .filter(_ -> later < RecordChange.Measured.COURSES_MAX);
  }

  private static ClusterRecord emptyRecord() {
    return new ClusterRecord(
        0,
        Optional.empty(),
        Optional.empty(),
        0,
        new Electorate(Collections.emptySortedMap()),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        5_000,
        Optional.empty(),
        Map.of());
  }

  private static MemberStatus fullStatus() {
    return new MemberStatus(
        A,
        "0.1.0",
        "http://10.0.0.1:8008/patroni",
        Optional.of(new Endpoint("fe80::1", 5432)),
        PgState.RUNNING,
        PgRole.REPLICA,
        Optional.of(4),
        Optional.of(Lsn.parse("0/1")),
        Optional.of(Lsn.parse("0/2")),
        Optional.of(Lsn.parse("FFFFFFFF/FFFFFFFF")),
        Optional.of("streaming"),
        Optional.of("7123456789012345678"),
        Optional.of("7123456789012345678"),
        Optional.of(150_020),
        new Tags(Map.of("nofailover", true, "failover_priority", 2, "zone", "a")),
        true,
        true,
        true,
        "pekko://matriarch@10.0.0.1:7400#123",
        Set.of("pekko://matriarch@10.0.0.1:7400#123", "pekko://matriarch@10.0.0.2:7400#456"),
        Optional.of(Long.MIN_VALUE),
        Optional.of(
            new Ability(
                Set.of(Hindrance.REBUILDING, Hindrance.MUTE), Optional.of("7/node-b"), true)));
  }

  private static MemberStatus emptyStatus() {
    return Statuses.of(A);
  }

  private static Object roundTrip(Object message) {
    var serializer = serialization.findSerializerFor(message);
    assertThat(serializer.getClass().getSimpleName()).isEqualTo("JacksonCborSerializer");
    var manifest = Serializers.manifestFor(serializer, message);
    return serialization.deserialize(bytes(message), serializer.identifier(), manifest).get();
  }

  private static byte[] bytes(Object message) {
    return serialization.serialize(message).get();
  }

  @Test
  void onlyMessagesForOtherAgentsAreWireMessages() {
    var marked =
        Arrays.stream(Election.Command.class.getPermittedSubclasses())
            .filter(WireMessage.class::isAssignableFrom)
            .map(Class::getSimpleName);
    assertThat(marked).containsExactly("Deliver");
  }
}
