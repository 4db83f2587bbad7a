package dev.matriarch.protocol.sim;

import dev.matriarch.protocol.model.NodeId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** One line per event; the last ones are kept, and made readable only when somebody asks. */
final class Trace {
  private static final int KEPT = 60;

  private record Line(long atUs, NodeId node, Supplier<String> text) {
    String format() {
      return String.format(Locale.ROOT, "%10.3f ms  %-2s  %s", atUs / 1000.0, node, text.get());
    }
  }

  private final VirtualTime time;
  private final Optional<Consumer<String>> listener;
  private final Deque<Line> last = new ArrayDeque<>();
  private BiConsumer<NodeId, String> onNote = (_, _) -> {};
  private boolean notes;

  Trace(VirtualTime time, Optional<Consumer<String>> listener) {
    this.time = time;
    this.listener = listener;
  }

  /** {@code told} hears every note from now on. */
  void onNote(BiConsumer<NodeId, String> told) {
    onNote = told;
    notes = true;
  }

  /** Something worth telling. {@code text} must read nothing that changes later. */
  void note(NodeId node, Supplier<String> text) {
    if (notes) {
      onNote.accept(node, text.get());
    }
    step(node, text);
  }

  /** A step of the machine, told only to whoever wants all. */
  void step(NodeId node, Supplier<String> text) {
    var line = new Line(time.nowUs(), node, text);
    listener.ifPresent(it -> it.accept(line.format()));
    last.addLast(line);
    if (last.size() > KEPT) {
      last.removeFirst();
    }
  }

  String tail() {
    return last.stream().map(Line::format).collect(Collectors.joining("\n"));
  }
}
