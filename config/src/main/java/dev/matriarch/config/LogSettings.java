package dev.matriarch.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where the agent logs, and how much.
 *
 * @param level CRITICAL, ERROR, WARNING, INFO or DEBUG
 * @param json one JSON object a line instead of text
 * @param dir absent: standard error
 */
public record LogSettings(
    String level,
    boolean json,
    Optional<Path> dir,
    int fileNum,
    long fileSizeBytes,
    Map<String, String> loggers) {}
