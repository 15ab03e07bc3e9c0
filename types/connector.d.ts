// How a connection is made: the options and the shape of a connector of one's own.

import { IpcNetConnectOpts, Socket, TcpNetConnectOpts } from 'node:net'
import { ConnectionOptions, TLSSocket } from 'node:tls'

export default buildConnector

/**
 * Makes a connector, which makes sockets by `net.connect` and `tls.connect`. Given to a dispatcher as it is, it is not
 * called: the engine does the same.
 *
 * Source: undici 4.
 *
 * @throws InvalidArgumentError where `maxCachedSessions` is no whole number from 0 on.
 */
declare function buildConnector (options?: buildConnector.BuildOptions): buildConnector.connector

declare namespace buildConnector {
  /**
   * Options of `Client.Options.connect` when that is an object. Those of Node that the engine does not follow have
   * Node connect; those of TLS change nothing on an `http:` origin. Source: undici 8.
   */
  export type BuildOptions = (ConnectionOptions | TcpNetConnectOpts | IpcNetConnectOpts) & {
    /** Whether ALPN offers HTTP/2. Concerns `https:` only. */
    allowH2?: boolean
    /** Whether ALPN puts HTTP/2 first. Concerns `https:` only. */
    preferH2?: boolean
    /** How many TLS sessions are kept for resumption. Default: 100. Concerns `https:` only. */
    maxCachedSessions?: number | null
    /** Path of a Unix domain socket; wins over host and port. Default: none. */
    socketPath?: string | null
    /** Milliseconds until a connection attempt is given up with a `ConnectTimeoutError`; `0` waits for ever. Default: 10000. */
    timeout?: number | null
    /** Port of the peer. Default: the origin's. */
    port?: number
    /** Whether TCP keep-alive probes are sent (RFC 9293 §3.8.4). Default: `true`. */
    keepAlive?: boolean | null
    /** Milliseconds of silence before the first probe. Default: 60000. */
    keepAliveInitialDelay?: number | null
    /** The IP type-of-service octet, 0 to 255. Default: the system's. */
    typeOfService?: number | null
  }

  /** What a connector is told about the connection that is wanted. */
  export interface Options {
    hostname: string
    host?: string
    protocol: string
    port: string
    servername?: string
    localAddress?: string | null
    socketPath?: string | null
    httpSocket?: Socket
  }

  /** Called once, with a connected socket or with the error. */
  export type Callback = (...args: CallbackArgs) => void
  type CallbackArgs = [null, Socket | TLSSocket] | [Error, null]

  /** A function that makes connections. Its socket may be any `Duplex` at run time. */
  export interface connector {
    (options: buildConnector.Options, callback: buildConnector.Callback): void
  }
}
