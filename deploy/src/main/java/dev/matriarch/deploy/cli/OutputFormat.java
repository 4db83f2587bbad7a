package dev.matriarch.deploy.cli;

/** How a command prints its rows. */
public enum OutputFormat {
  PRETTY,
  TSV,
  JSON,
  YAML,
  YML
}
