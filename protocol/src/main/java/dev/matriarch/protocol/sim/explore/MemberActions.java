package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Standing;
import dev.matriarch.protocol.election.StoreId;
import dev.matriarch.protocol.election.Voter;
import dev.matriarch.protocol.election.VoterState;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Lost data, lost and found stores, and what becomes of the voters. */
final class MemberActions {
  private final Model model;

  MemberActions(Model model) {
    this.model = model;
  }

  void offer(int[] state, int node, Sink sink) {
    var now = new Draft(model, state);
    var name = Scene.NODES.get(node);
    if (now.has(Draft.Budget.WIPES) && model.scene.mayBeWiped(name)) {
      model.act(state, sink, () -> "the data of " + name + " are wiped", it -> wipe(it, node));
    }
    if (now.has(Draft.Budget.LOST_STORES) && model.scene.mayLoseStore(name)) {
      model.act(state, sink, () -> "the store of " + name + " is lost", it -> lose(it, node));
    }
    if (now.has(Draft.Budget.FOUND_STORES) && now.site(node).lost().isPresent()) {
      model.act(
          state,
          sink,
          () -> "the lost store of " + name + " is found and used again",
          it -> find(it, node));
    }
    if (now.has(Draft.Budget.CARETAKERS)) {
      model.act(
          state,
          sink,
          () -> name + " has lost its leader and applies a change as caretaker",
          it -> it.spend(Draft.Budget.CARETAKERS) && it.react(node, new Stimulus.Cares()));
    }
    now.site(node).leading().ifPresent(leading -> asLeader(state, sink, now, node, leading));
  }

  // --- losses -----------------------------------------------------------------------------------

  private boolean wipe(Draft draft, int node) {
    if (draft.pg(node).isEmpty() || !Spare.data(draft, node)) {
      return false;
    }
    model.saw(Sight.DATA_WIPED);
    var site = draft.site(node);
    draft.pg(node, Pg.nothing());
    return draft.spend(Draft.Budget.WIPES) && restarts(draft, node, site.disk(), site.lost());
  }

  /** What is made anew has promised nothing, and another number than the directory. */
  private boolean lose(Draft draft, int node) {
    var site = draft.site(node);
    if (site.lost().isPresent() || !Spare.store(draft, node)) {
      return false;
    }
    model.saw(Sight.STORE_LOST);
    var name = Scene.NODES.get(node);
    var keeps = model.scene.flaw() == Flaw.LOST_STORE_KEEPS_ITS_DATA;
    var number = keeps ? draft.pg(node).incarnation() : site.disk().incarnation().number() + 1;
    var fresh = VoterState.fresh(name, new StoreId(site.disk().store() + "'"), number);
    var lost = Optional.of(site.disk()).filter(_ -> draft.has(Draft.Budget.FOUND_STORES));
    return draft.spend(Draft.Budget.LOST_STORES) && restarts(draft, node, fresh, lost);
  }

  private boolean find(Draft draft, int node) {
    if (!Spare.store(draft, node)) {
      return false;
    }
    model.saw(Sight.STORE_FOUND);
    var found = draft.site(node).lost().orElseThrow();
    return draft.spend(Draft.Budget.FOUND_STORES) && restarts(draft, node, found, Optional.empty());
  }

  private static boolean restarts(
      Draft draft, int node, VoterState disk, Optional<VoterState> lost) {
    return draft.react(node, new Stimulus.Restarts(disk, lost)) && draft.reported(node);
  }

  // --- voters -----------------------------------------------------------------------------------

  private void asLeader(int[] state, Sink sink, Draft now, int node, Standing.Leading leading) {
    var leader = Scene.NODES.get(node);
    for (var other = 0; other < Scene.NODES.size(); other++) {
      var name = Scene.NODES.get(other);
      if (other == node || !model.scene.hear(leader, name)) {
        continue;
      }
      if (model.scene.losesStores()) {
        lacksTheRecord(state, sink, now, node, other);
      }
      var voter = now.site(other).disk().voter();
      var idle = now.site(node).stage() == Site.Stage.NONE && leading.proposal().isEmpty();
      if (!now.has(Draft.Budget.VOTER_CHANGES) || !idle) {
        continue;
      }
      var present = present(now, leading.lease().ballot());
      var votes = leading.chosen().record().voters().counts(voter);
      if (!votes && present.contains(voter)) {
        model.act(
            state,
            sink,
            () -> "%s hears %s answer from store %s".formatted(leader, name, voter.store()),
            it -> changes(it, node, new Stimulus.Answered(voter, present)));
      }
      if (votes && model.scene.mayLoseVote(name)) {
        model.act(
            state,
            sink,
            () -> "an operator asks %s to take the vote of %s".formatted(leader, name),
            it -> changes(it, node, new Stimulus.Struck(name, present)));
      }
    }
  }

  private static boolean changes(Draft draft, int node, Stimulus stimulus) {
    return draft.spend(Draft.Budget.VOTER_CHANGES) && draft.react(node, stimulus);
  }

  /** As many as can be: those that have this leader's record and have promised nothing since. */
  private static Set<Voter> present(Draft now, Ballot ballot) {
    var present = new HashSet<Voter>();
    for (var node = 0; node < Scene.NODES.size(); node++) {
      var voter = now.site(node).state().voter();
      if (voter.version().ballot().equals(ballot) && !voter.promised().isAbove(ballot)) {
        present.add(voter.voter());
      }
    }
    return Set.copyOf(present);
  }

  /** Its answer to a beat says so, and the record is sent again. */
  private void lacksTheRecord(int[] state, Sink sink, Draft now, int leader, int other) {
    var value = now.site(leader).state().voter().accepted().orElseThrow();
    var voter = now.site(other).state().voter();
    if (voter.version().compareTo(value.version()) < 0
        && !voter.promised().isAbove(value.version().ballot())) {
      model.act(
          state,
          sink,
          () -> "%s gets the record %s".formatted(voter.node(), value.version()),
          it -> it.react(other, new Stimulus.Mailed(new ElectionMessage.Accept(value))));
    }
  }
}
