package dev.matriarch.persistence.file;

import dev.matriarch.persistence.file.RecordingDisk.Step;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a power failure after some steps may leave on the disk, for a file system that
 * keeps no more than it must.
 *
 * <p>Content that was not synced may be there, lost, torn at any place, or zeros. Each name may be
 * what it was at any time since the directory was synced, independently of the others.
 */
final class CrashedDisks {
  private final Map<Path, List<Optional<Content>>> names = new HashMap<>();

  /** By their numbers. */
  private final List<Content> outputs = new ArrayList<>();

  private final int tearEvery;

  private static final class Content {
    private byte[] written = new byte[0];
    private boolean synced;
  }

  private CrashedDisks(int tearEvery) {
    this.tearEvery = tearEvery;
  }

  /**
   * @param before what was there, durably
   * @param tearEvery the distance of the places where content is torn, bytes
   */
  static List<Map<Path, byte[]>> after(Map<Path, byte[]> before, List<Step> steps, int tearEvery) {
    var disks = new CrashedDisks(tearEvery);
    before.forEach((name, bytes) -> {
      var content = new Content();
      content.written = bytes;
      content.synced = true;
      disks.names.put(name, new ArrayList<>(List.of(Optional.of(content))));
    });
    steps.forEach(disks::apply);
    return disks.all();
  }

  private void apply(Step step) {
    switch (step) {
      case Step.Create(var output, var name) -> {
        outputs.add(new Content());
        history(name).add(Optional.of(outputs.get(output)));
      }
      case Step.Write(var output, var content) -> {
        outputs.get(output).written = content.getBytes(StandardCharsets.ISO_8859_1);
        outputs.get(output).synced = false;
      }
      case Step.Fsync(var output) -> outputs.get(output).synced = true;
      case Step.Rename(var from, var to) -> {
        history(to).add(history(from).getLast());
        history(from).add(Optional.empty());
      }
      case Step.Delete(var name) -> history(name).add(Optional.empty());
      case Step.FsyncDirectory() ->
          names.replaceAll((_, was) -> new ArrayList<>(List.of(was.getLast())));
      case Step.Acknowledged _ -> {}
    }
  }

  private List<Optional<Content>> history(Path name) {
    return names.computeIfAbsent(name, _ -> new ArrayList<>(List.of(Optional.empty())));
  }

  private List<Map<Path, byte[]>> all() {
    List<Map<Path, byte[]>> disks = List.of(Map.of());
    for (var entry : names.entrySet()) {
      var more = new ArrayList<Map<Path, byte[]>>();
      for (var disk : disks) {
        for (var content : entry.getValue()) {
          if (content.isEmpty()) {
            more.add(disk);
            continue;
          }
          for (var bytes : variants(content.get())) {
            var with = new HashMap<>(disk);
            with.put(entry.getKey(), bytes);
            more.add(with);
          }
        }
      }
      disks = more;
    }
    return disks;
  }

  private List<byte[]> variants(Content content) {
    var variants = new ArrayList<byte[]>();
    variants.add(content.written);
    if (!content.synced) {
      variants.add(new byte[content.written.length]);
      for (var length = 0; length < content.written.length; length += tearEvery) {
        variants.add(Arrays.copyOf(content.written, length));
      }
    }
    return variants;
  }
}
