FROM node:24-slim AS packages
WORKDIR /oneseat
COPY package.json package-lock.json .npmrc ./
# Every binary comes prebuilt inside its package.
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production HOST=0.0.0.0 DATABASE_URL=file:/data/oneseat.db
WORKDIR /oneseat
COPY --from=packages /oneseat/node_modules node_modules
COPY package.json openapi.yaml ./
COPY schemas schemas
COPY src src
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/health/live`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/cli.ts", "serve"]
