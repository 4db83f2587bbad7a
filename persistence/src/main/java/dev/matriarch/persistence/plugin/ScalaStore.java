package dev.matriarch.persistence.plugin;

import org.apache.pekko.Done;
import org.apache.pekko.persistence.state.scaladsl.DurableStateUpdateStore;
import org.apache.pekko.persistence.state.scaladsl.GetObjectResult;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/** The same store with the types that Pekko's own code calls. */
record ScalaStore(FileDurableStateStore store) implements DurableStateUpdateStore<Object> {
  @Override
  public Future<GetObjectResult<Object>> getObject(String id) {
    return FutureConverters.asScala(store.getObject(id).thenApply(it -> it.toScala()));
  }

  @Override
  public Future<Done> upsertObject(String id, long revision, Object value, String tag) {
    return FutureConverters.asScala(store.upsertObject(id, revision, value, tag));
  }

  @Override
  @SuppressWarnings("deprecation")
  public Future<Done> deleteObject(String id) {
    return FutureConverters.asScala(store.deleteObject(id));
  }

  @Override
  public Future<Done> deleteObject(String id, long revision) {
    return FutureConverters.asScala(store.deleteObject(id, revision));
  }
}
