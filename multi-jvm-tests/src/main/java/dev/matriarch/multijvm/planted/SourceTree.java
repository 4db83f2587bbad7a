package dev.matriarch.multijvm.planted;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** The sources, without what is made of them. */
record SourceTree(Path root) {
  private static final Set<String> MADE = Set.of("target", ".git", ".idea", ".vscode");

  /** All files, as paths below the root. */
  List<Path> files() throws IOException {
    var files = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return MADE.contains(folder.getFileName().toString()) && !folder.equals(root)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            // In a worktree .git is a file.
            if (!MADE.contains(file.getFileName().toString())) {
              files.add(root.relativize(file));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  void copyTo(Path target) throws IOException {
    for (var file : files()) {
      var copy = target.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.copy(
          root.resolve(file), copy, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Deletes it with all that was made in it. */
  void delete() throws IOException {
    try (var all = Files.walk(root)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(it -> {
            try {
              Files.deleteIfExists(it);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
