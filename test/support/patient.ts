/** Settings of an order service that queues no order because a busy machine took a second to reserve its stock. */
export const PATIENT = { INVENTORY_DEADLINE_MS: '5000', INVENTORY_ATTEMPT_TIMEOUT_MS: '5000', LEASE_MS: '13000' };
