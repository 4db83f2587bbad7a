package dev.matriarch.multijvm.bench;

import java.time.Instant;

/**
 * One run and how it ended.
 *
 * @param number of the scenario's runs, from 1
 * @param load of the machine when it began, over the last minute
 */
record Run(Scenario scenario, int number, Instant begun, double load, Outcome outcome) {}
