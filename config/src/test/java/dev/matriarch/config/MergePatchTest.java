package dev.matriarch.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergePatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The rows with objects of appendix A of RFC 7396, and some of our own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'a':'b'}           | {'a':'c'}               | {'a':'c'}",
        "{'a':'b'}           | {'b':'c'}               | {'a':'b','b':'c'}",
        "{'a':'b'}           | {'a':null}              | {}",
        "{'a':'b','b':'c'}   | {'a':null}              | {'b':'c'}",
        "{'a':['b']}         | {'a':'c'}               | {'a':'c'}",
        "{'a':'c'}           | {'a':['b']}             | {'a':['b']}",
        "{'a':{'b':'c'}}     | {'a':{'b':'d','c':null}}| {'a':{'b':'d'}}",
        "{'a':[{'b':'c'}]}   | {'a':[1]}               | {'a':[1]}",
        "{'e':1}             | {'a':1}                 | {'e':1,'a':1}",
        "{}                  | {'a':{'bb':{'c':null}}} | {'a':{'bb':{}}}",
        "{'a':{'b':{'c':1,'d':2}}} | {'a':{'b':{'c':null}}} | {'a':{'b':{'d':2}}}",
        "{'a':1}             | {'a':{'b':null,'c':2}}  | {'a':{'c':2}}",
        "{'a':1}             | {'b':null}              | {'a':1}",
        "{'a':false}         | {}                      | {'a':false}",
      },
      quoteCharacter = '"')
  void patchesAsTheStandardSays(String target, String patch, String expected) throws IOException {
    assertThat(MergePatch.apply(json(target), json(patch))).isEqualTo(json(expected));
  }

  @Test
  void theArgumentsStayAsTheyWere() throws IOException {
    var target = json("{'a':{'b':1}}");
    var patch = json("{'a':{'b':null,'c':2}}");

    MergePatch.apply(target, patch);

    assertThat(target).isEqualTo(json("{'a':{'b':1}}"));
    assertThat(patch).isEqualTo(json("{'a':{'b':null,'c':2}}"));
  }

  private static Map<String, Object> json(String text) throws IOException {
    return JSON.readValue(text.replace('\'', '"'), new TypeReference<>() {});
  }
}
