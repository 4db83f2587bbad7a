package dev.matriarch.protocol.election.sim;

/** One rule switched off: the simulator must notice. */
enum Mutation {
  NONE,
  GUARDIAN_WITHOUT_MARGIN,
  GUARDIAN_TOLD_WHAT_REMAINS,
  PROMOTION_WITHOUT_LEAVE,
  RELEASED_BEFORE_STOPPED,
  LOST_STORE_KEEPS_ITS_ID
}
