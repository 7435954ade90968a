"""Who this worker is in a session."""

WORKER = "devops-worker"
STEM = "devops"
CAPABILITIES = ("infrastructure_deployment", "ci_cd_automation", "monitoring_setup", "containerization", "cloud_orchestration")
REQUIRES = ("architect-worker", "backend-worker")
COORDINATES_WITH = ("test-worker",)
