// All that the package exports. Names that are only types are listed apart.

import Client from './client'
import Dispatcher from './dispatcher'
import errors from './errors'

export { Client, Dispatcher, errors }
export type { default as buildConnector } from './connector'
export type { DiagnosticsChannel } from './diagnostics-channel'

export default Dodici

/** `import dodici from 'dodici'`, or `require('dodici')`, as one object. */
declare namespace Dodici {
  const Client: typeof import('./client').default
  const Dispatcher: typeof import('./dispatcher').default
  const errors: typeof import('./errors').default
}
