package dev.matriarch.actors.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.Optional;

/** Whom a file is given to, so that PostgreSQL can use what an agent run as root has made. */
record FileOwner(UserPrincipal user, GroupPrincipal group) {

  /** The user and the group of the same name; empty: whoever runs the agent. */
  static Optional<FileOwner> of(Optional<String> osUser) throws IOException {
    if (osUser.isEmpty()) {
      return Optional.empty();
    }
    var name = osUser.get();
    var names = Path.of("/").getFileSystem().getUserPrincipalLookupService();
    return Optional.of(
        new FileOwner(names.lookupPrincipalByName(name), names.lookupPrincipalByGroupName(name)));
  }

  /** The owner of an existing file. */
  static FileOwner like(Path existing) throws IOException {
    var attributes = Files.readAttributes(existing, PosixFileAttributes.class);
    return new FileOwner(attributes.owner(), attributes.group());
  }

  /** Changes nothing where it would not make a difference: only root may give files away. */
  void own(Path file) throws IOException {
    if (like(file).equals(this)) {
      return;
    }
    var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    view.setOwner(user);
    view.setGroup(group);
  }
}
