package dev.matriarch.http;

import dev.matriarch.config.DynamicSettings;
import dev.matriarch.protocol.ha.SwitchoverAnswer;
import dev.matriarch.protocol.ha.SwitchoverRequest;
import dev.matriarch.protocol.status.NodeView;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Where the answers come from. All of it is called by the threads that answer, so it must return at
 * once.
 *
 * @param views the newest picture of this node; empty until there is one
 * @param clock of the host since boot, as in {@link NodeView#leaseUntil}
 * @param dynamic the dynamic configuration in force
 * @param switchover carries a request out; its answer comes within a minute
 */
public record RestSources(
    Identity identity,
    Supplier<Optional<NodeView>> views,
    Supplier<Duration> clock,
    Supplier<DynamicSettings> dynamic,
    Function<SwitchoverRequest, CompletionStage<SwitchoverAnswer>> switchover) {}
