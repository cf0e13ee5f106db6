interface ImportMetaEnv {
  /** Where the API is, if not at `/api`. */
  readonly VITE_API?: string
}
