package dev.matriarch.protocol.ha;

import dev.matriarch.protocol.ha.SwitchoverRequest.Kind;
import dev.matriarch.protocol.model.NodeId;
import dev.matriarch.protocol.status.MemberStatus;
import dev.matriarch.protocol.status.NodeView;
import dev.matriarch.protocol.sync.SyncMode;
import java.util.Comparator;
import java.util.Optional;

/**
 * Whether the leader may hand over on purpose, and to whom. It is asked twice: before the
 * checkpoint, and again right before PostgreSQL is stopped.
 *
 * <p>No answer of it can lose a commit: the successor is elected like any other. It keeps clients
 * from an interruption that would lead back to the old primary.
 */
public final class SwitchoverPolicy {

  /** What to do with a request. */
  public sealed interface Verdict {
    record HandOver(NodeId successor) implements Verdict {}

    record Refuse(SwitchoverAnswer answer) implements Verdict {}
  }

  private SwitchoverPolicy() {}

  /** On the leader. */
  public static Verdict judge(SwitchoverRequest request, SwitchoverView view) {
    if (!view.primary() || request.leader().filter(it -> !it.equals(view.self())).isPresent()) {
      return new Verdict.Refuse(SwitchoverAnswer.noLeader());
    }
    if (request.candidate().equals(Optional.of(view.self()))) {
      return refuse("%s target and source are the same".formatted(request.kind().title()));
    }
    if (view.paused() && request.candidate().isEmpty()) {
      return refuse(
          "%s is possible only to a specific candidate in a paused state"
              .formatted(request.kind().title()));
    }
    return request
        .candidate()
        .map(it -> named(request.kind(), it, view))
        .orElseGet(() -> best(request.kind(), view));
  }

  /** On the candidate, while nobody leads. */
  public static Optional<SwitchoverAnswer> obstacleToForce(NodeId candidate, NodeView view) {
    if (view.leader().isPresent()) {
      return Optional.of(
          SwitchoverAnswer.notPossible("the cluster has a leader, " + view.leader().get()));
    }
    var status = Optional.ofNullable(view.members().get(candidate));
    if (status.isEmpty()) {
      return Optional.of(SwitchoverAnswer.notPossible("candidate does not exists"));
    }
    return status
        .filter(it -> !it.tags().mayLead())
        .map(it ->
            SwitchoverAnswer.notPossible(
                noGood(Kind.FAILOVER, "%s must not lead, by its tags".formatted(it.node()))));
  }

  private static Verdict named(Kind kind, NodeId candidate, SwitchoverView view) {
    var status = Optional.ofNullable(view.others().get(candidate));
    if (status.isEmpty()) {
      return refuse("candidate does not exists");
    }
    if (mustBeSynchronous(kind, view) && !view.isSynchronous(status.get())) {
      return refuse("candidate name does not match with sync_standby");
    }
    return objection(status.get(), view)
        .map(it -> refuse(noGood(kind, it)))
        .orElseGet(() -> new Verdict.HandOver(candidate));
  }

  private static Verdict best(Kind kind, SwitchoverView view) {
    if (view.others().isEmpty()) {
      return refuse(kind.noun() + " is not possible: cluster does not have members except leader");
    }
    var synchronous = mustBeSynchronous(kind, view);
    var considered =
        view.others().values().stream()
            .filter(it -> it.postgres().isPresent())
            .filter(it -> !synchronous || view.isSynchronous(it))
            .toList();
    if (synchronous && considered.isEmpty()) {
      return refuse(kind.noun() + " is not possible: can not find sync_standby");
    }
    return considered.stream()
        .filter(it -> objection(it, view).isEmpty())
        .min(
            Comparator.comparingLong(view::lagBytes)
                .thenComparingInt(it -> -it.tags().failoverPriority())
                .thenComparing(MemberStatus::node))
        .<Verdict>map(it -> new Verdict.HandOver(it.node()))
        .orElseGet(() ->
            refuse(
                noGood(
                    kind,
                    considered.stream()
                        .flatMap(it -> objection(it, view).stream())
                        .findFirst()
                        .orElse("only witnesses are heard"))));
  }

  /** A commit may be on no other standby than those of the set. */
  private static boolean mustBeSynchronous(Kind kind, SwitchoverView view) {
    return kind == Kind.SWITCHOVER && view.mode() != SyncMode.OFF && view.sync().isPresent();
  }

  /** Why a member would not become the leader. */
  private static Optional<String> objection(MemberStatus member, SwitchoverView view) {
    var node = member.node();
    if (!member.tags().mayLead()) {
      return Optional.of("%s must not lead, by its tags".formatted(node));
    }
    if (member.postgres().isEmpty()) {
      return Optional.of("%s is a witness".formatted(node));
    }
    if (!member.replicationState().equals(Optional.of("streaming"))
        && !view.confirmed().containsKey(node)) {
      return Optional.of("%s does not stream from the leader".formatted(node));
    }
    var lag = view.lagBytes(member);
    return lag > view.lagMaxBytes()
        ? Optional.of(
            lag == Long.MAX_VALUE
                ? "it is not known how much WAL %s has".formatted(node)
                : "%s lacks %d bytes of WAL, maximum_lag_on_failover is %d"
                    .formatted(node, lag, view.lagMaxBytes()))
        : Optional.empty();
  }

  private static String noGood(Kind kind, String why) {
    return "%s is not possible: no good candidates have been found (%s)"
        .formatted(kind.noun(), why);
  }

  private static Verdict refuse(String text) {
    return new Verdict.Refuse(SwitchoverAnswer.notPossible(text));
  }
}
