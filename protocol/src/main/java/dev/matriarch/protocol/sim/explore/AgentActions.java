package dev.matriarch.protocol.sim.explore;

import dev.matriarch.protocol.election.Ballot;
import dev.matriarch.protocol.election.ClusterRecord;
import dev.matriarch.protocol.election.ElectionMessage;
import dev.matriarch.protocol.election.Version;
import dev.matriarch.protocol.model.Lsn;
import dev.matriarch.protocol.model.Position;
import java.util.Optional;

/**
 * What may happen between agents.
 *
 * <p>A message that is lost is one that never comes; any other order is one in which they come; a
 * crash between save and send is a message that never comes, and a restart.
 */
final class AgentActions {
  private final Model model;

  AgentActions(Model model) {
    this.model = model;
  }

  void offer(int[] state, int node, Sink sink) {
    var name = Scene.NODES.get(node);
    var now = new Draft(model, state);
    for (var i = Draft.MAILS; i < state.length; i++) {
      var number = state[i];
      var mail = model.mails.value(number);
      if (mail.to().equals(name)) {
        model.act(
            state,
            sink,
            () -> name + " gets " + mail,
            it -> {
              it.take(number);
              return it.receive(node, number);
            });
        model.act(
            state,
            sink,
            () -> name + " gets " + mail + ", which will come again",
            it -> it.spend(Draft.Budget.DUPLICATES) && it.receive(node, number));
      }
    }
    if (now.has(Draft.Budget.STANDS) && model.scene.mayStand(name)) {
      model.act(
          state, sink, () -> name + " has lost its leader and stands", it -> stands(it, node));
    }
    if (now.has(Draft.Budget.RESTARTS)) {
      model.act(state, sink, () -> "the agent of " + name + " restarts", it -> restarts(it, node));
    }
    for (var other = 0; other < Scene.NODES.size(); other++) {
      if (other != node && model.scene.hear(name, Scene.NODES.get(other))) {
        beats(state, sink, now, node, other);
      }
    }
  }

  /** The shell looks at PostgreSQL before it stands. */
  private static boolean stands(Draft draft, int node) {
    var looked =
        draft.site(node).fencedFor().isPresent()
            || draft.reportAll(node, draft.pg(node).allSettings(), Optional.empty());
    return draft.spend(Draft.Budget.STANDS) && looked && draft.react(node, new Stimulus.Stands());
  }

  private boolean restarts(Draft draft, int node) {
    model.saw(Sight.RESTARTED);
    return draft.spend(Draft.Budget.RESTARTS)
        && draft.react(
            node, new Stimulus.Restarts(draft.site(node).disk(), draft.site(node).lost()))
        && draft.reported(node);
  }

  // --- beats ------------------------------------------------------------------------------------

  /** Only those that change something: they free a fenced voter, or meet a higher promise. */
  private void beats(int[] state, Sink sink, Draft now, int node, int other) {
    var voter = now.site(node).state().voter();
    var ballot = voter.version().ballot();
    var leader = Scene.NODES.get(other);
    var fenced = voter.fenced() || now.site(node).state().fencing().isPresent();
    if (fenced
        && ballot.candidate().equals(leader)
        && !voter.promised().isAbove(ballot)
        && now.ledger().served().containsKey(ballot)) {
      model.act(
          state,
          sink,
          () -> "%s gets a beat of %s, primary under %s".formatted(voter.node(), leader, ballot),
          it -> {
            model.saw(Sight.RELEASED);
            return it.react(node, new Stimulus.Mailed(beat(ballot, voter.record().orElseThrow())));
          });
    }
    var led = now.site(other).leading().map(it -> it.lease().ballot());
    if (led.filter(voter.promised()::isAbove).isPresent()) {
      model.act(
          state,
          sink,
          () -> "%s refuses a beat of %s".formatted(voter.node(), leader),
          it -> standsAgain(it, other, node, led.get()));
    }
  }

  private static ElectionMessage beat(Ballot ballot, ClusterRecord record) {
    return new ElectionMessage.Beat(
        ballot.candidate(),
        new Version(ballot, 1),
        1,
        record.ttlMs(),
        Optional.of(new Position(record.timeline(), Lsn.ZERO)),
        true);
  }

  private boolean standsAgain(Draft draft, int leader, int voter, Ballot ballot) {
    var state = draft.site(voter).state();
    var refused = new ElectionMessage.Refused(state.voter().node(), ballot, state.highestTerm(), 0);
    model.saw(Sight.STOOD_AGAIN);
    return draft.reportAll(leader, draft.pg(leader).allSettings(), Optional.empty())
        && draft.react(leader, new Stimulus.Mailed(refused));
  }
}
