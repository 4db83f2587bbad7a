package dev.matriarch.multijvm.chaos.picture;

/** Draws a timeline. */
final class Drawing {
  private final Timeline timeline;

  Drawing(Timeline timeline) {
    this.timeline = timeline;
  }

  String svg() {
    return "<svg xmlns='http://www.w3.org/2000/svg'><title>%s</title></svg>"
        .formatted(timeline.title());
  }
}
