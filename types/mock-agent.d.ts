// The MockAgent: an Agent whose requests can be intercepted.

import { URL } from 'node:url'
import Agent from './agent'
import Client from './client'
import Dispatcher from './dispatcher'
import { MockCallHistory } from './mock-call-history'
import { Interceptable, MockInterceptor } from './mock-interceptor'

export default MockAgent

/** Answers requests without a connection, where it was told to; sends the others, if they may be sent. */
declare class MockAgent<TMockAgentOptions extends MockAgent.Options = MockAgent.Options> extends Dispatcher {
  /** @throws InvalidArgumentError for an `agent` that cannot dispatch, and for options that have to be booleans */
  constructor (options?: TMockAgentOptions)

  /** Whether requests are intercepted. */
  readonly isMockActive: boolean
  /** What a WebSocket may receive: as the agent has it that makes the connections. */
  readonly webSocketOptions: Client.WebSocketOptions
  /** What an EventSource may receive, likewise. */
  readonly eventSourceOptions: Client.EventSourceOptions

  /** The dispatcher of an origin, or of all origins that match: a MockPool, or a MockClient where `connections` is 1. */
  get<TInterceptable extends Interceptable> (origin: string | URL): TInterceptable
  get<TInterceptable extends Interceptable> (origin: RegExp): TInterceptable
  get<TInterceptable extends Interceptable> (origin: (origin: string) => boolean): TInterceptable

  /** @throws MockNotMatchedError to the handler, where no interceptor is for the request, and it may not be sent either */
  dispatch (options: Agent.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
  /** Closes the agent and all mocked dispatchers, and forgets what they intercept. */
  close (): Promise<void>

  /** From now on nothing is intercepted. */
  deactivate (): void
  /** Ends that. */
  activate (): void

  /** Requests without an interceptor are sent: all, or those to the hosts that were named. @throws InvalidArgumentError */
  enableNetConnect (): void
  enableNetConnect (host: string): void
  enableNetConnect (host: RegExp): void
  enableNetConnect (host: (host: string) => boolean): void
  /** Requests without an interceptor fail with a MockNotMatchedError. */
  disableNetConnect (): void

  /** Undefined before anything was logged, unless the option asked for it. Source: undici 7. */
  getCallHistory (): MockCallHistory | undefined
  /** Forgets all logs. */
  clearCallHistory (): void
  /** Requests are logged from now on. */
  enableCallHistory (): this
  /** Requests are logged no more; the logs stay. */
  disableCallHistory (): this

  /** The interceptors that have not given all their replies. */
  pendingInterceptors (): MockAgent.PendingInterceptor[]
  /** @throws UndiciError with a table of those, where there are any */
  assertNoPendingInterceptors (options?: { pendingInterceptorsFormatter?: MockAgent.PendingInterceptorsFormatter }): void
}

declare namespace MockAgent {
  export interface PendingInterceptor extends MockInterceptor.MockDispatch {
    origin: string
  }

  export interface PendingInterceptorsFormatter {
    format (pendingInterceptors: readonly PendingInterceptor[]): string
  }

  /** Those of the Agent that makes the real requests, and: */
  export interface Options extends Agent.Options {
    /** Makes the real requests. Default: an Agent with these options. @throws InvalidArgumentError */
    agent?: Dispatcher
    /** Whether a slash at the end of a path does not count. Default: `false`. Source: undici 7. */
    ignoreTrailingSlash?: boolean
    /** Whether lists in a query may be written `a[]=1&a[]=2` or `a=1,2`. Default: `false`. Source: undici 7. */
    acceptNonStandardSearchParameters?: boolean
    /** Whether requests are logged from the start. Default: `false`. Source: undici 7. */
    enableCallHistory?: boolean
  }
}
