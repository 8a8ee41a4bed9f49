# One service: docker build --build-arg SERVICE=order-service --tag valerix/order-service .
FROM node:26.10.0-bookworm-slim AS base
WORKDIR /app

# The manifests of all workspaces, alone: the install below stays cached until one of them changes.
FROM base AS manifests
COPY . .
RUN find . \( -type f ! -name package.json ! -name package-lock.json ! -name .npmrc \) -delete -o -type d -empty -delete

FROM base AS dependencies
ARG SERVICE
COPY --from=manifests /app ./
# No install scripts and no optional packages (PostgreSQL's programs, for one): nothing here needs one to run.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --workspace=$SERVICE --include-workspace-root=false

FROM base AS image
ARG SERVICE
LABEL org.opencontainers.image.title="$SERVICE" \
      org.opencontainers.image.description="$SERVICE of Valerix, an order system that neither loses nor doubles an order." \
      org.opencontainers.image.licenses="MIT"
# Nothing is installed in a running container, so nothing that installs stays.
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /opt/yarn* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
# Beside node_modules and not in it: Node runs TypeScript from everywhere but there.
COPY package.json ./package.json
COPY packages/system ./packages/system
COPY packages/contracts ./packages/contracts
COPY packages/service-kit ./packages/service-kit
COPY $SERVICE ./$SERVICE
WORKDIR /app/$SERVICE
# A number, so that Kubernetes can see that it is not root.
USER 1000:1000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "/app/packages/service-kit/src/probe.ts"]
# As process 1 a service could not kill itself: its parent is.
ENTRYPOINT ["/bin/sh", "/app/packages/service-kit/src/process-one.sh"]
# The migrations come with the code that needs them: node src/migrate.ts
CMD ["node", "src/main.ts"]

# Game days in a cluster: docker build --target laboratory --build-arg SERVICE=gameday --tag valerix/laboratory .
FROM image AS laboratory
COPY packages/api-client /app/packages/api-client
COPY packages/local-stack /app/packages/local-stack
# Where another workspace has an older version, npm puts a package here.
COPY --from=dependencies /app/packages/local-stack/node_modules /app/packages/local-stack/node_modules
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3003}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]

# Without --target: the service.
FROM image
