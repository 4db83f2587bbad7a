package dev.matriarch.protocol.sim.explore;

import org.junit.jupiter.api.Test;

class ExplorerTest {
  @Test
  void first() {
    for (var scene :
        java.util.List.of(
            Scene.of(Scene.set("ab", 2)),
            Scene.of(Scene.set("abc", 2)),
            Scene.of(Scene.set("abc", 3)),
            Scene.of(Scene.set("ab", 2)).elections(1, 3),
            Scene.of(Scene.set("ab", 2)).elections(2, 3))) {
      var begun = System.nanoTime();
      var out = Explorer.explore(scene, 3_000_000, () -> System.nanoTime() - begun < 60e9);
      System.out.println(
          scene
              + "\n  "
              + (System.nanoTime() - begun) / 1_000_000
              + " ms "
              + out.complete()
              + " "
              + out.states()
              + " "
              + out.transitions()
              + " depth "
              + out.depth()
              + " "
              + out.sights());
      out.trace().forEach(System.out::println);
    }
  }
}
