package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.Effect;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VersionedRecord;
import dev.matriarch.protocol.model.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Recognizes marks in the steps of the machine. */
final class MarkReader {
  private final Marks marks;
  private final Map<NodeId, Standing.Preparing> rounds = new HashMap<>();
  private final Set<NodeId> handedOverTo = new HashSet<>();
  private final Map<NodeId, VersionedRecord> ledBefore = new HashMap<>();

  MarkReader(Marks marks) {
    this.marks = marks;
  }

  void read(NodeId node, ElectionState before, Input input, Step step) {
    var after = step.state();
    if (after.standing() instanceof Standing.Preparing preparing) {
      rounds.put(node, preparing);
    }
    if (input instanceof Input.Received(_, var message, _)) {
      received(message, before, after, step);
    }
    if (input instanceof Input.GiveUp(_, var successor, _, _, _)
        && before.standing() instanceof Standing.Leading) {
      marks.reached(Mark.RELEASED);
      successor.ifPresent(handedOverTo::add);
    }
    switch (before.standing()) {
      case Standing.Accepting accepting when after.standing() instanceof Standing.Leading now ->
          elected(node, before, accepting, now);
      case Standing.Leading was when after.standing() instanceof Standing.Leading now ->
          changed(was, now);
      case Standing.Leading was -> ended(was, input, after);
      case Standing.Canvassing _ when after.standing() instanceof Standing.Idle ->
          marks.reached(Mark.CANVASS_FOUND_A_LEADER);
      default -> {}
    }
    for (var effect : step.effects()) {
      if (effect instanceof Effect.Decided(_, Effect.Verdict.Chosen _)
          && before.standing() instanceof Standing.Accepting) {
        marks.reached(Mark.CARETAKER_CHANGE_CHOSEN);
      }
      if (effect instanceof Effect.Send(_, ElectionMessage.Refused refused)
          && refused.retryAfterMs() > 0) {
        var silent = before.silentUntil().compareTo(input.now()) > 0;
        var granted = before.grant().until().compareTo(input.now()) > 0;
        if (granted) {
          marks.reached(Mark.REFUSED_BY_RUNNING_LEASE);
        } else if (silent) {
          marks.reached(Mark.REFUSED_BY_RESTART_SILENCE);
        }
      }
    }
  }

  private void received(
      ElectionMessage message, ElectionState before, ElectionState after, Step step) {
    switch (message) {
      case ElectionMessage.Accept(var value)
          when step.save().isPresent()
              && value.version().equals(after.voter().version())
              && value.version().ballot().isAbove(before.voter().promised()) ->
          marks.reached(Mark.ACCEPTED_WITHOUT_ITS_PREPARE);
      case ElectionMessage.Refused refused
          when before.standing() instanceof Standing.Preparing it
              && it.ballot().equals(refused.refused())
              && refused.retryAfterMs() == 0 ->
          marks.reached(Mark.REFUSED_BY_HIGHER_BALLOT);
      case ElectionMessage.Promise promise
          when before.standing() instanceof Standing.Preparing it
              && it.ballot().equals(promise.ballot())
              && promise.position().isPresent()
              && Optional.ofNullable(it.promises().get(promise.from()))
                  .filter(earlier -> earlier.position().isEmpty())
                  .isPresent() ->
          marks.reached(Mark.POSITION_TOLD_LATER);
      case ElectionMessage.Prepare(var ballot, _, _)
          when before.standing() instanceof Standing.Preparing it
              && !it.ballot().candidate().equals(ballot.candidate()) ->
          marks.reached(Mark.CANDIDATES_COLLIDED);
      default -> {}
    }
  }

  private void elected(
      NodeId node, ElectionState before, Standing.Accepting accepting, Standing.Leading now) {
    var record = now.chosen().record();
    var was = Optional.ofNullable(ledBefore.put(node, now.chosen()));
    if (record.outgoing().isPresent()) {
      marks.reached(Mark.WON_WHILE_VOTERS_CHANGE);
    }
    if (record.systemIdentifier().isEmpty()) {
      marks.reached(
          before.local().position().isPresent() ? Mark.FOUNDED_WITH_DATA : Mark.FOUNDED_EMPTY);
    }
    if (handedOverTo.remove(node)) {
      marks.reached(Mark.SUCCESSOR_WON);
    }
    var goesOn =
        before.local().primaryOn().equals(Optional.of(record.timeline()))
            && was.filter(it -> it.record().timeline() == record.timeline()).isPresent();
    if (!goesOn && record.sync().isPresent()) {
      marks.reached(Mark.SYNCHRONOUS_WIN);
    }
    if (!goesOn) {
      marks.reached(Mark.ELECTED);
    } else if (accepting.held().isPresent()) {
      marks.reached(Mark.GOES_ON_AFTER_REFUSAL);
    } else {
      marks.reached(Mark.GOES_ON_AFTER_AGENT_RESTART);
    }
  }

  private void changed(Standing.Leading was, Standing.Leading now) {
    var old = was.chosen().record();
    var record = now.chosen().record();
    if (record.ttlMs() > old.ttlMs()) {
      marks.reached(Mark.TTL_RAISED);
    } else if (record.ttlMs() < old.ttlMs()) {
      marks.reached(Mark.TTL_LOWERED);
    }
    if (old.outgoing().isPresent() && record.outgoing().isEmpty()) {
      marks.reached(Mark.STORE_ENFRANCHISED);
    }
  }

  private void ended(Standing.Leading was, Input input, ElectionState after) {
    if (input instanceof Input.Tick(var now, _)
        && after.standing() instanceof Standing.Idle
        && was.lease().until().compareTo(now) <= 0) {
      marks.reached(Mark.LEASE_ENDED);
    }
  }
}
