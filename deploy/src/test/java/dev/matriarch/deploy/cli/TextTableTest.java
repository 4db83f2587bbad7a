package dev.matriarch.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.matriarch.deploy.cli.TextTable.Align;
import dev.matriarch.deploy.cli.TextTable.Column;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TextTableTest {
  private static final List<Column> COLUMNS =
      List.of(new Column("Name", Align.LEFT), new Column("TL", Align.RIGHT));

  private static String render(String title, List<List<String>> rows) {
    return new TextTable(title, COLUMNS, rows).render();
  }

  @Test
  void columnsAreAsWideAsTheirWidestCell() {
    assertThat(render("", List.of(List.of("a", "12345"), List.of("höhö-é", "1"))))
        .isEqualTo(
            """
            +--------+-------+
            | Name   |    TL |
            +--------+-------+
            | a      | 12345 |
            | höhö-é |     1 |
            +--------+-------+\
            """);
  }

  @Test
  void theTitleStandsInTheUpperEdgeAndIsCutAtTheCorner() {
    assertThat(render(" T ", List.of()).lines().findFirst()).hasValue("+ T ---+----+");
    assertThat(render(" a long title ", List.of()).lines().findFirst()).hasValue("+ a long tit+");
  }

  @Test
  void aLineSeparatesRowsWhenACellHasSeveralLines() {
    assertThat(render("", List.of(List.of("a\nb", "1"), List.of("c", "2"))))
        .isEqualTo(
            """
            +------+----+
            | Name | TL |
            +------+----+
            | a    |  1 |
            | b    |    |
            +------+----+
            | c    |  2 |
            +------+----+\
            """);
  }

  @Test
  void aTableWithoutRowsHasItsHeader() {
    assertThat(render("", List.of()).lines()).hasSize(4);
  }
}
