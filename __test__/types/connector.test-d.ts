// The types of connectors: how one is built, and one of the user's own.

import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { expectAssignable, expectError, expectType } from 'tsd'
import dodici, { buildConnector, Client } from '../..'

const connector = buildConnector({ ca: 'a', rejectUnauthorized: false, timeout: 1, maxCachedSessions: 0, socketPath: null })
expectType<buildConnector.connector>(connector)
expectType<buildConnector.connector>(buildConnector())
expectType<buildConnector.connector>(dodici.buildConnector())
expectError(buildConnector({ timeout: '1s' }))

expectAssignable<Client.Options>({ connect: connector })
expectAssignable<Client.Options>({
  connect (options, callback) {
    expectType<string>(options.hostname)
    expectType<string>(options.port)
    connector(options, (error, socket) => {
      expectType<Error | null>(error)
      expectType<Socket | TLSSocket | null>(socket)
      if (error === null) {
        callback(null, socket)
      } else {
        callback(error, null)
      }
    })
  }
} satisfies Client.Options)
