package dev.matriarch.config;

import dev.matriarch.protocol.ha.WritePath.OnDiskFull;
import dev.matriarch.protocol.sync.SyncPolicy;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * The typed view of the dynamic configuration, which lives in the cluster record.
 *
 * @param ttl length of the lease
 * @param loopWait part of how long the liveness check allows without a decision
 * @param heartbeat time between two beats of the leader
 * @param suspicion silence of the leader after which a member asks the others
 * @param maximumLagOnFailoverBytes how far behind the last known position of the leader a candidate
 *     may be
 * @param synchronous for whom commits wait; a change of the record's set follows it step by step
 * @param primaryStartTimeout how long a crashed primary may take to start before it gives the lease
 *     up; zero: at once
 * @param commitTimeout after it a primary without any successful commit counts as sick; zero: never
 * @param onDiskFull what a leader does whose commits fail for lack of space
 * @param diskFullLeadsAtLeast so long a new leader stays although its disk is full, so that members
 *     whose disks are all full do not drive each other on
 * @param memberSlotsTtl how long the slot of a member that is gone is kept
 * @param parameters PostgreSQL parameters for every member
 */
public record DynamicSettings(
    Duration ttl,
    Duration loopWait,
    Duration heartbeat,
    Duration suspicion,
    long maximumLagOnFailoverBytes,
    SyncPolicy synchronous,
    Duration primaryStartTimeout,
    Duration commitTimeout,
    OnDiskFull onDiskFull,
    Duration diskFullLeadsAtLeast,
    Duration memberSlotsTtl,
    int maxTimelinesHistory,
    boolean checkTimeline,
    boolean pause,
    boolean usePgRewind,
    boolean useSlots,
    SortedMap<String, String> parameters,
    List<String> pgHba) {}
