// A Client goes wherever a Dispatcher of some undici is asked for, and handlers written for undici are accepted.

import { expectAssignable, expectType } from 'tsd'
import * as undici5 from 'undici5'
import * as undici6 from 'undici6'
import * as undici7 from 'undici7'
import * as undici8 from 'undici8'
import { Client, Dispatcher, errors } from '../..'

declare const client: Client
expectAssignable<undici5.Dispatcher>(client)
expectAssignable<undici6.Dispatcher>(client)
expectAssignable<undici7.Dispatcher>(client)
expectAssignable<undici8.Dispatcher>(client)
expectAssignable<undici8.Client>(client)

declare const undici: undici8.Client
expectAssignable<Dispatcher>(undici)

declare const handler5: undici5.Dispatcher.DispatchHandlers
declare const handler6: undici6.Dispatcher.DispatchHandlers
declare const handler7: undici7.Dispatcher.DispatchHandler
declare const handler8: undici8.Dispatcher.DispatchHandler
expectType<boolean>(client.dispatch({ path: '/', method: 'GET' }, handler5))
expectType<boolean>(client.dispatch({ path: '/', method: 'GET' }, handler6))
expectType<boolean>(client.dispatch({ path: '/', method: 'GET' }, handler7))
expectType<boolean>(client.dispatch({ path: '/', method: 'GET' }, handler8))

declare const error: errors.SocketError
expectAssignable<undici8.errors.SocketError>(error)
