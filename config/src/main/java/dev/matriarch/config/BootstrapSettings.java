package dev.matriarch.config;

import java.util.List;
import java.util.Map;

/**
 * How a new cluster is made.
 *
 * @param dcs the first dynamic configuration, in JSON's types
 * @param initdb options of initdb without the leading dashes, {@code "encoding=UTF8"} or a flag
 * @param pgHba lines of {@code pg_hba.conf}, used when {@code postgresql.pg_hba} has none
 */
public record BootstrapSettings(Map<String, Object> dcs, List<String> initdb, List<String> pgHba) {}
