package dev.matriarch.multijvm.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.matriarch.multijvm.ClusterSettings;
import java.io.PrintStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** One object a line: first what was measured on, then each run. */
final class JsonLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final PrintStream out;

  JsonLines(PrintStream out) {
    this.out = out;
  }

  void header(Machine machine, Bench bench, ClusterSettings settings) {
    var line = new LinkedHashMap<String, Object>();
    line.put("kind", "header");
    line.put("at", Instant.now().toString());
    line.put("matriarch", machine.matriarch());
    line.put("postgres", machine.postgres());
    line.put("java", machine.java());
    line.put("kernel", machine.kernel());
    line.put("processors", machine.processors());
    line.put("load", Machine.load());
    line.put("mode", bench.mode().option());
    line.put("nodes", bench.nodes());
    line.put("writers", bench.writers());
    line.put("dynamic", settings.dynamic());
    line.put("parameters", settings.parameters());
    print(line);
  }

  void run(Run run) {
    var line = new LinkedHashMap<String, Object>();
    line.put("kind", "run");
    line.put("scenario", run.scenario().option());
    line.put("run", run.number());
    line.put("at", run.begun().toString());
    line.put("load", run.load());
    switch (run.outcome()) {
      case Outcome.Measured(var from, var to, var figures, var phases) -> {
        line.put("outcome", "measured");
        line.put("from", from);
        line.put("to", to);
        line.put("figures", values(run.scenario(), figures));
        line.put("phases", phases);
      }
      case Outcome.NotSupported(var why) -> {
        line.put("outcome", "not supported");
        line.put("why", why);
      }
      case Outcome.Failed(var why) -> {
        line.put("outcome", "failed");
        line.put("why", why);
      }
    }
    print(line);
  }

  /** All that the scenario measures; null: it did not happen while it was waited for. */
  private static Map<String, Object> values(Scenario scenario, Map<Figure, Double> figures) {
    var values = new LinkedHashMap<String, Object>();
    for (var figure : scenario.figures()) {
      var value = figures.get(figure);
      values.put(figure.key(), value == null ? JSON.nullNode() : Math.round(value * 10) / 10.0);
    }
    return values;
  }

  private void print(Map<String, Object> line) {
    try {
      out.println(JSON.writeValueAsString(line));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not JSON: " + line, e);
    }
  }
}
