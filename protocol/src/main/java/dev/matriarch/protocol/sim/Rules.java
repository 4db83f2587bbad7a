package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.election.ElectionMachine;
import dev.matriarch.protocol.election.ElectionState;
import dev.matriarch.protocol.election.Input;
import dev.matriarch.protocol.election.LeaseView;
import dev.matriarch.protocol.election.Orders;
import dev.matriarch.protocol.election.Step;
import dev.matriarch.protocol.election.VoterState;
import java.time.Duration;

/** What a node goes by: the machine, or the machine with one rule switched off. */
interface Rules {
  ElectionState booted(VoterState stored, Duration now);

  Step step(ElectionState state, Input input);

  LeaseView view(ElectionState state, Duration now);

  Orders orders(ElectionState state, Duration now);

  static Rules of(ElectionMachine machine) {
    return new Rules() {
      @Override
      public ElectionState booted(VoterState stored, Duration now) {
        return machine.booted(stored, now);
      }

      @Override
      public Step step(ElectionState state, Input input) {
        return machine.step(state, input);
      }

      @Override
      public LeaseView view(ElectionState state, Duration now) {
        return machine.view(state, now);
      }

      @Override
      public Orders orders(ElectionState state, Duration now) {
        return machine.orders(state, now);
      }
    };
  }
}
