package dev.matriarch.multijvm.chaos.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class TimelineTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long BEGIN = 77 * SECOND;

  private static Span span(Look look, double from, double until, String label) {
    return new Span(look, moment(from), moment(until), label);
  }

  private static long moment(double seconds) {
    return BEGIN + (long) (seconds * SECOND);
  }

  private static List<Long> acknowledgements(double from, double until, int perSecond) {
    return LongStream.range(0, (long) ((until - from) * perSecond))
        .mapToObj(it -> moment(from + it / (double) perSecond))
        .toList();
  }

  /** A run of a minute: a cut-off primary, a killed standby, a switchover. */
  static Timeline minute() {
    var first =
        new Lane(
            "node1",
            List.of(
                span(Look.PRIMARY, 0, 14.1, "primary, timeline 1"),
                span(Look.SILENT, 14.1, 16, ""),
                span(Look.DOWN, 16, 22, "down"),
                span(Look.BUSY, 22, 25.5, "rewind"),
                span(Look.SYNCHRONOUS, 25.5, 60, "synchronous standby")),
            List.of(span(Look.FAULT, 12, 21.5, "cut off from node2 and node3")),
            acknowledgements(0.5, 12, 90));
    var second =
        new Lane(
            "node2",
            List.of(
                span(Look.SYNCHRONOUS, 0, 12.6, "synchronous standby"),
                span(Look.PRIMARY, 12.6, 44.2, "primary, timeline 2"),
                span(Look.BUSY, 44.2, 45, ""),
                span(Look.SYNCHRONOUS, 45, 60, "synchronous standby")),
            List.of(
                span(Look.COMMAND, 44, 44.4, "switchover to node3"),
                span(Look.FAULT, 50, 52, "SIGSTOP of the agent")),
            acknowledgements(12.9, 44, 110));
    var third =
        new Lane(
            "node3",
            List.of(
                span(Look.REPLICA, 0, 30, "replica"),
                span(Look.DOWN, 30, 36, "down"),
                span(Look.SYNCHRONOUS, 36, 44.3, "synchronous"),
                span(Look.PRIMARY, 44.3, 60, "primary, timeline 3")),
            List.of(
                span(Look.FAULT, 30, 30, "SIGKILL of everything"),
                span(Look.FAULT, 31, 34, "link down")),
            acknowledgements(44.6, 60, 100));
    return new Timeline(
        "quorum, seed 17, 3 nodes",
        BEGIN,
        moment(60),
        List.of(span(Look.FAULT, 20, 40, "slow disks"), span(Look.VIOLATION, 13, 13, "two wrote")),
        List.of(first, second, third));
  }

  @Test
  void aMinuteLooksAsItDid() throws IOException {
    var golden = Path.of("src/test/resources/chaos/minute.svg");
    if (Boolean.getBoolean("golden.update")) {
      Files.createDirectories(golden.getParent());
      Files.writeString(golden, minute().svg());
    }
    assertThat(minute().svg()).isEqualTo(Files.readString(golden));
  }

  @Test
  void itIsWellFormedAndEverythingIsInside() throws Exception {
    var picture = parse(minute().svg());
    var root = picture.getDocumentElement();
    var width = Double.parseDouble(root.getAttribute("width"));
    var height = Double.parseDouble(root.getAttribute("height"));
    for (var shape : elements(picture, "rect")) {
      if (shape.hasAttribute("x")) {
        assertThat(number(shape, "x")).isBetween(0.0, width);
        assertThat(number(shape, "x") + number(shape, "width")).isBetween(0.0, width);
        assertThat(number(shape, "y") + number(shape, "height")).isBetween(0.0, height);
      }
    }
    for (var text : elements(picture, "text")) {
      assertThat(number(text, "x")).isBetween(0.0, width);
      assertThat(number(text, "y")).isBetween(0.0, height);
    }
  }

  @Test
  void everyNodeFaultAndRoleIsNamed() throws Exception {
    var texts =
        elements(parse(minute().svg()), "text").stream().map(Element::getTextContent).toList();
    assertThat(texts)
        .contains("quorum, seed 17, 3 nodes", "node1", "node2", "node3", "primary, timeline 2")
        .contains("cut off from node2 and node3", "SIGKILL of everything", "link down")
        .contains("slow disks", "switchover to node3", "two wrote", "0 s", "60 s");
  }

  @Test
  void wordsWithSpecialSignsAreEscaped() throws Exception {
    var timeline = new Timeline("a < b & \"c\"", BEGIN, moment(1), List.of(), List.of());
    assertThat(elements(parse(timeline.svg()), "text").getFirst().getTextContent())
        .isEqualTo("a < b & \"c\"");
  }

  @Test
  void whatBeganBeforeOrEndsAfterIsCutOff() throws Exception {
    var lane =
        new Lane(
            "node1",
            List.of(span(Look.PRIMARY, -5, 20, "")),
            List.of(span(Look.FAULT, 9, 30, "late")),
            List.of(moment(-1), moment(11)));
    var picture = parse(new Timeline("", BEGIN, moment(10), List.of(), List.of(lane)).svg());
    assertThat(elements(picture, "rect").stream().filter(it -> it.hasAttribute("x")))
        .allSatisfy(it -> assertThat(number(it, "x") + number(it, "width")).isBetween(0.0, 1182.0));
    assertThat(elements(picture, "path")).isEmpty();
  }

  @Test
  void hoursWithHundredsOfFaultsStaySmall() throws Exception {
    var random = new Random(3);
    var lanes = new ArrayList<Lane>();
    for (var node = 1; node <= 5; node++) {
      var faults =
          IntStream.range(0, 400)
              .mapToObj(_ -> random.nextDouble() * 7000)
              .map(it -> span(Look.FAULT, it, it + random.nextDouble() * 20, "SIGSTOP of agent"))
              .toList();
      lanes.add(
          new Lane(
              "node" + node,
              List.of(span(Look.REPLICA, 0, 7200, "replica")),
              faults,
              acknowledgements(0, 7200, 20)));
    }
    var svg = new Timeline("soak", BEGIN, moment(7200), List.of(), lanes).svg();
    assertThat(number(parse(svg).getDocumentElement(), "height")).isLessThan(800);
    assertThat(svg.length()).isLessThan(700_000);
    assertThat(elements(parse(svg), "text"))
        .extracting(Element::getTextContent)
        .doesNotContain("SIGSTOP of agent");
    assertThat(elements(parse(svg), "title")).hasSize(5 * 401);
  }

  @Test
  void aRunOfNoTimeCanBeDrawn() throws Exception {
    parse(new Timeline("nothing", BEGIN, BEGIN, List.of(), List.of()).svg());
  }

  @Test
  void aSpanThatEndsBeforeItBeginsIsRefused() {
    assertThatThrownBy(() -> span(Look.FAULT, 2, 1, "cut"))
        .hasMessageContaining("cut ends 1000000000 ns early");
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  private static List<Element> elements(Document picture, String name) {
    var nodes = picture.getElementsByTagName(name);
    return IntStream.range(0, nodes.getLength()).mapToObj(it -> (Element) nodes.item(it)).toList();
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }
}
