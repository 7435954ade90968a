"""The words of the trade, in English, German and Spanish, each with what it stands for. Matched on words without case and accents.

A phrase is written with single blanks; a hyphen, a blank or nothing between its words are the same to the matcher. A trailing `*`
takes any ending. `!` before a concept: the phrase is known and means something else, so it hides shorter phrases inside it.
"""

from __future__ import annotations

TOOLS = {
    "docker": "conteneuris*|conteneurs|conteneur|docker|dockerfile|into a container|into containers|as a container|in einen container|dockerfiles"
    "|dockeris*|dockeriz*|containeris*|containeriz*|dockerignore|podman|multi stage build|container image"
    "|container images|containerimage|dockerisier*|contenedor|contenedores|contenedoriz*|dockeriza*|containerabbild*|distroless|buildkit|in containers|needs containers|need containers"
    "|into containern|in containern|small image|smaller image|static image|small static image|slim image|minimal image|tiny image|lean image|scratch image"
    "|multi arch image|multi arch images|non root image|rootless image",
    "compose": "compose|local stack|local dev stack|docker compose|compose file|compose files|compose yml|compose yaml|compose setup|compose stack|compose datei|archivo compose|compose for local|compose for dev|compose for development|compose for the|compose up|compose with|via compose|with compose"
    "|by compose|in compose|compose fur|compose para|compose locally|a compose for|compose override|compose project"
    "|docker compose yml|fichero compose",
    "kubernetes": "kubernetes|clusterrole|clusterroles|cluster role|cluster roles|cluster admin|rolebinding|rolebindings|hostpath|readonlyrootfilesystem|securitycontext|security context|security contexts|admission policy|admission policies|admission controller|configmap|configmaps|kubeconfig|namespaces|resourcequota|resource quota|ingressclass|topology spread|k8s|kube|eks|gke|aks|k3s|openshift|pod|pods|statefulset|statefulsets|daemonset|daemonsets|kubectl|hpa"
    "|horizontal pod autoscaler|horizontal pod autoscaling|horizontal pod autoscalers|network policy|network policies|networkpolicy|networkpolicies"
    "|netzwerkrichtlinien|microk8s|rke2|cronjob manifest|pod disruption budget|pod disruption budgets|pdb|kubernetes manifests|k8s manifests"
    "|politicas de red|pod security standard|pod security standards",
    "kustomize": "kustomize|kustomization|kustomizations|kustomize overlay|kustomize overlays",
    "helm": "helm|helmfile|helm chart|helm charts|umbrella chart",
    "argocd": "argo cd|argocd|argo|applicationset|applicationsets",
    "flux": "flux|fluxcd|flux cd|flux2",
    "argo_rollouts": "argo rollouts|argo rollout",
    "flagger": "flagger",
    "istio": "istio|virtualservice|istiod",
    "linkerd": "linkerd",
    "keda": "keda|scaledobject|scaledobjects",
    "cert_manager": "cert manager|certmanager|let's encrypt|lets encrypt|letsencrypt|clusterissuer",
    "terraform": "terraform|opentofu|tofu|hcl|terragrunt|tfvars",
    "cloudformation": "cloudformation|cloud formation|cfn",
    "cdk": "cdk|aws cdk",
    "pulumi": "pulumi",
    "bicep": "bicep",
    "ansible": "ansible|ansible playbook|ansible playbooks|ansible role|playbook|playbooks",
    "packer": "packer|golden image|golden images|golden ami",
    "serverless": "serverless|serverless framework|lambda|aws lambda|cloud function|cloud functions|azure function|azure functions|aws sam",
    "github_actions": "github actions|github action|gh actions|gha|github workflow|github workflows|github ci|github pipeline|github pipelines"
    "|acciones de github",
    "gitlab_ci": "gitlab ci|gitlab ci cd|gitlab pipeline|gitlab pipelines|gitlab ci yml",
    "jenkins": "jenkins|jenkinsfile|jenkinsfiles",
    "circleci": "circleci|circle ci",
    "azure_pipelines": "azure pipelines|azure pipeline|azure devops|azure devops pipeline|azure devops pipelines|azure pipelines yml|ado pipeline",
    "prometheus": "prometheus|prom + grafana|prom & grafana|prom and grafana|prom / grafana|grafana + prom|grafana and prom|prom metrics|prom rules|promql|servicemonitor|servicemonitors|kube prometheus stack|recording rules",
    "alertmanager": "alertmanager|alert manager",
    "grafana": "prom + grafana|prom & grafana|prom and grafana|prom / grafana|grafana + prom|grafana and prom|grafana",
    "elk": "elk|elasticsearch|elastic search|logstash|kibana|elastic stack|filebeat",
    "loki": "loki|promtail",
    "otel": "otel|opentelemetry|open telemetry|otlp",
    "jaeger": "jaeger",
    "datadog": "datadog|data dog",
    "newrelic": "new relic|newrelic",
    "cloudwatch": "cloudwatch|cloud watch",
    "kyverno": "kyverno",
    "opa": "opa|open policy agent|conftest|gatekeeper|rego",
    "falco": "falco",
    "supply_chain": "sbom|sboms|image signature|image signatures|signature verification|cosign|sigstore|slsa|provenance|syft|signed images|signed image|image signing|sign the image|sign the images"
    "|sign our images|sign images|sign every image|sign all images|supply chain|attestation|attestations"
    "|images signieren|image signieren|signierte images"
    "|firmar las imagenes|firmar la imagen|imagenes firmadas|cyclonedx|spdx|software bill of materials|lieferkette|cadena de suministro",
    "vault": "vault|hashicorp vault|hcp vault|openbao",
    "external_secrets": "external secrets|external secret|external secrets operator|eso",
    "sealed_secrets": "sealed secrets|sealed secret|sealedsecrets|sealedsecret|kubeseal",
    "velero": "velero",
    "backups": "sauvegarde|sauvegardes|copia de seguranca|copias de seguranca|nightly snapshots|daily snapshots|hourly snapshots|weekly snapshots|scheduled snapshots|ebs snapshots|rds snapshots|volume snapshots|disk snapshots|db snapshots|database snapshots|automated snapshots|nightly snapshot|daily snapshot|daily dump|daily dumps|mysqldump|mongodump|database dumps|db dumps|base backup|base backups|barman|xtrabackup|off site copy|offsite copy|backup|backups|backed up|back up|pg dump|pgbackrest|restic|borg|pitr|point in time recovery|sicherung|sicherungen|datensicherung"
    "|datensicherungen|copia de seguridad|copias de seguridad|respaldo|respaldos|sichern|dump every|nightly dump|nightly dumps|wal g|wal archiving|wal archive|wal shipping",
    "failover": "failover|fail over|fails over|disaster recovery|dr site|hot standby|warm standby|pilot light|standby region|dr plan"
    "|notfallwiederherstellung|recuperacion ante desastres|conmutacion por error|active active|active passive",
    "chaos": (
        "chaos|chaos mesh|litmus|chaos engineering|chaos experiment|chaos experiments|chaostest|gameday|game day|ingenieria del caos|chaos monkey"
    ),
    "runbooks": "playbook for the on call|playbook for the on call person|incident playbooks|recovery playbook|dr playbook|failover playbook|playbook for incidents|playbooks for incidents|playbooks for on call|runbooks|run book|run books|playbook for on call|on call guide|deployment guide|operations guide|troubleshooting guide"
    "|betriebshandbuch|notfallhandbuch|guia de operaciones|restore guide|incident playbook",
    "scripts": "shell script|shell scripts|bash script|bash scripts|deploy script|deploy scripts|deployment script|deployment scripts|rollback script"
    "|rollback scripts|deploy sh|rollback sh|restore sh|backup sh|script sh|shellskript|skript|skripte|script de despliegue|script de shell|makefile"
    "|backup script|backup scripts|restore script|smoke test script|script for|script that|script to|scripts for|scripts that|scripts to|switch script|and scripts|+ scripts|plus scripts|und skripte|y scripts"
    "|cutover script|setup script|install script|bootstrap script|cron script|cleanup script|script para|script que",
}

OTHER_SENSES = (
    "jetpack compose|compose the|compose me|compose some|compose music|compose my|compose your|compose us|compose our|compose it|compose a|compose an|compose the email|at the helm|take the helm|state of flux|in flux|container ship|shipping container"
    "|profile image|profile images|product image|product images|hero image|image gallery|pie chart|bar chart|line chart|org chart|gantt chart"
    "|data pipeline|data pipelines|sales pipeline|airflow pipeline|etl pipeline|ml pipeline|training pipeline|render pipeline|azure key vault"
    "|ansible vault|key vault|obsidian vault|canary islands|node js|lambda expression|lambda expressions|lambda function in python|cdk8s|pole vault"
    "|backup singer|loki season|jenkins bank|press release|customer service|arm template|arm templates|arm json|gitlab registry|gitlab runner"
    "|github container registry|docker hub|dockerhub|docker desktop|kubernetes experience|chaos in|the chaos|team vault|no chaos|script tag"
    "|pod cast|podcasts|in the backup|backup plan for|gateway api|argo workflows|argo workflow|argo events|chrome canary|edge canary|canary channel|canary browser|canary token|canary tokens|canary wharf"
    "|image scan|image scans|image scanning|image registry|image pull secret|image resizer|image resizing|image processing|image processor|image upload|image uploads|image recognition|image search|image service"
    "|image converter|image conversion|image compression|image classifier|image optimizer|image proxy"
)

# Tools that are asked for in the same way but that nothing here can render: told, never dropped.
UNSUPPORTED = (
    "teamcity|bamboo|spinnaker|buildkite|travis ci|travis|drone ci|tekton|nomad|docker swarm|swarm|chef|puppet|saltstack|crossplane|zabbix|nagios"
    "|splunk|dynatrace|heroku|openstack|mesos|rundeck|octopus deploy|bitbucket pipelines|harness|concourse"
    "|victoriametrics|graylog|icinga|cdktf|consul"
    "|vercel|netlify|fly io|railway app|render com"
)

# What one provider alone has. The number: how strongly it says where things run (3 named, 2 a platform to run on, 1 a service beside it).
CLOUDS = {
    ("aws", 3): "aws|amazon web services|amazon",
    ("aws", 2): "eks|ecs|fargate|lambda|ec2|lightsail|elastic beanstalk|app runner|graviton",
    (
        "aws",
        1,
    ): "s3|ebs snapshots|rds snapshots|rds|aurora|dynamodb|sqs|sns|cloudwatch|cloudformation|cdk|aws cdk|route 53|route53|elasticache|kinesis|ecr|secrets manager"
    "|ami|amis|golden ami|alb|nlb|codedeploy|code deploy|cloudtrail|guardduty|documentdb"
    "|cloudfront|step functions|eventbridge|codepipeline|codebuild|aws lambda|ebs|efs|redshift|irsa|msk",
    ("gcp", 3): "gcp|google cloud|google cloud platform",
    ("gcp", 2): "gke|cloud run|compute engine|app engine",
    (
        "gcp",
        1,
    ): "bigquery|cloud sql|artifact registry|gcs|google secret manager|spanner|firestore|cloud armor|pub sub|pubsub|cloud build|cloud function|cloud functions|memorystore",
    ("azure", 3): "azure|microsoft azure",
    ("azure", 2): "aks|azure functions|azure function|azure container apps|container apps|app service|azure vm",
    (
        "azure",
        1,
    ): "bicep|acr|azure key vault|key vault|cosmos db|cosmosdb|azure sql|blob storage|entra id|front door|log analytics|application insights|service bus|event hubs|vmss|arm template|arm templates",
}

COMPLIANCE = {
    "soc2": "soc 2|soc2|soc ii|soc 2 type ii|soc 2 type 2",
    "gdpr": "gdpr|dsgvo|rgpd|datenschutz grundverordnung|datenschutzgrundverordnung|general data protection regulation",
    "pci_dss": "pci dss|pci|pcidss",
    "cis": "cis|cis benchmark|cis benchmarks|cis kubernetes benchmark",
    "hipaa": "hipaa",
    "iso27001": "iso 27001|iso27001|iso iec 27001",
}

STAGE_AND_PROD = (
    "stage and prod|stage und prod|stage y prod|stage + prod|stage & prod|stage , prod|stage / prod|stage prod|stage and production|stage und produktion"
    "|stage , production|prod and stage|prod und stage|prod + stage|prod / stage|prod stage|production and stage|stage then prod"
)
"""`stage` by itself is a step of anything; beside production it is an environment."""

ENVIRONMENTS = {
    "dev": "desenvolvimento|environnement de developpement|ambiente di sviluppo|dev|development environment|dev environment|dev cluster|dev env|entwicklungsumgebung|entorno de desarrollo|development",
    "staging": (
        "staging|homologacao|preproduction|recette|collaudo|stage environment|stg|preprod|pre prod|pre production|uat|preproduccion|vorproduktion|entorno de preproduccion|abnahmeumgebung"
        f"|stage cluster|stage namespace|stage umgebung|{STAGE_AND_PROD}"
    ),
    "production": "producao|produzione|production|prod|prd|produktion|produktiv|produktivsystem|produktivumgebung|produccion|entorno de"
    " produccion|live environment|live system"
    f"|livesystem|live umgebung|produktionsumgebung|{STAGE_AND_PROD}",
    "preview": "preview environment|preview environments|preview deployment|preview deployments|review app|review apps|ephemeral environment"
    "|ephemeral environments|preview envs|preview env|vorschauumgebung|vorschauumgebungen|entorno de vista previa|entornos efimeros|preview",
}
NO_ENVIRONMENT = (
    "production ready|production grade|production quality|production readiness|prod ready|produktionsreif|produktionsreife|listo para produccion"
    "|lista para produccion|dev team|dev dependencies|dev server|dev mode|dev container|devcontainer|film production|production line|production lines"
    "|produktionsfertig|video production|dev null|prod like|production like|production worthy|produktionstauglich|team dev|development team"
    "|software development|app development|web development|local development|development work|preview image|preview card|link preview|release preview"
)

STRATEGIES = {
    "rolling": "rolling update|rolling updates|rolling deployment|rolling deployments|rolling release|rolling upgrade"
    "|rolling restart|rollierend*|rolling"
    "|actualizacion progresiva|rolling rollout",
    "blue_green": "blue green|blue green deployment|blue green deployments|bluegreen|red black|blau grun|blau gruen|azul verde",
    "canary": "canary|canaries|canary release|canary releases|canary deployment|kanarien*|canario|progressive delivery|progressive rollout|progressive rollouts",
    "recreate": "recreate strategy|strategy recreate|recreate",
}

# Subjects of the trade that name no tool: they tell that a clause is about operations.
OPERATIONS = (
    "pipeline|pipelines|ci|cd|workflow|workflows|build|builds|deployment|deployments|deploy|release|releases"
    "|rollout|cluster|clusters|server|servers|vm"
    "|vms|node pool|nodes|manifest|manifests|image|images|container|containers|registry|monitoring|alert|alerts|alerting|alarms|metrics|dashboard"
    "|dashboards|logs|logging|tracing|traces|observability|infrastructure|infra|iac|network|vpc|dns|tls|mtls|certificate|certificates|secret|secrets"
    "|load balancer|ingress|autoscaling|autoscaler|scaling|replicas|replica|uptime|slo|slos|sla|rto|rpo|restore|recovery|environment|environments"
    "|namespace|probe|probes|health check|health checks|healthcheck|runner|runners|artifact|artifacts"
    "|cloud|on call|oncall|incident|incidents|downtime"
    "|traffic|rollback|firewall|service mesh|gitops|pagerduty|storage|volume|volumes|systemd|nginx|proxy"
    "|cve|cves|infraestructura|despliegue|despliegues"
    "|servidor|servidores|monitorizacion|alertas|metricas|certificados|certificado|imagen|imagenes|registro|entorno|entornos|bereitstellung|umgebung"
    "|umgebungen|uberwachung|ueberwachung|rechner|zertifikat|zertifikate|protokolle|netz|lastverteiler|cronjob|cron job|exporter|bill|costs"
    "|capacity plan|capacity|chart|charts|cluster autoscaler|spot|hosting|host|machine|machines|box|boxes|stack|drift|state file|patching|patch"
)

IMAGES = "image|images|base image|base images|imagen|imagenes|abbild|abbilder"
