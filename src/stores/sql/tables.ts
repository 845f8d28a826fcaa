/** The tables, as Kysely's queries see them. Times are milliseconds since the epoch by the store's clock. */
export interface Database {
  readonly authx_log: LogTable
  readonly authx_log_head: LogHeadTable
  readonly authx_epochs: EpochTable
  readonly authx_sessions: SessionTable
  readonly authx_accounts: AccountTable
}

/** One live revocation a row; at most one for each kind, issuer and key. */
export interface LogTable {
  readonly position: number
  readonly kind: 'token' | 'session' | 'subject'
  readonly issuer: string
  readonly key: string
  readonly epoch: number
  readonly expires_at: number
}

/** One row: the last position that was given out. It is a table because no two dialects keep that number in the same way. */
export interface LogHeadTable {
  readonly position: number
}

/** Never purged: a counter that started again would let old tokens in. */
export interface EpochTable {
  readonly issuer: string
  readonly sub: string
  readonly epoch: number
}

export interface SessionTable {
  readonly issuer: string
  readonly sid: string
  readonly sub: string
  readonly generation: number
  readonly created_at: number
  readonly rotated_at: number
  readonly expires_at: number
  readonly closes_at: number
  readonly ended_at: number | null
  readonly device: string | null
  readonly address: string | null
}

export interface AccountTable {
  readonly id: string
  readonly username: string
  /** What the username is compared by. */
  readonly username_key: string
  readonly password_hash: string
  /** 1 where its owner may not log in; not every dialect has a boolean. */
  readonly disabled: number
  /** A JSON list of texts; not every dialect has lists. */
  readonly scopes: string
}
