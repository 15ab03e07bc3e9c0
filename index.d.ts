import Dodici from './types/index'
export default Dodici
export * from './types/index'
