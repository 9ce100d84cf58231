"""Whether the console's test calls a bucket in the API's own Region."""

from __future__ import annotations

import re

from probes.integration._service import parse
from wizard.model.aws import Aws
from wizard.model.case import Case
from wizard.model.probe import Evidence, Probe

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
# What GetBucketLocation says of the two oldest Regions.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
_OLD = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


class Bucket(Probe):
    """Compares the bucket's Region with the API's; only the test of a method in the console minds."""

    title = "Region of the bucket"
    hop = "aws-service"
    api_types = frozenset({"rest"})
    calls = frozenset({"s3:GetBucketLocation"})
    needs = ("integration",)
    docs = ("https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html",)

    def run(self, case: Case, aws: Aws) -> Evidence:
        """PASS with the fact `same_region`; SKIPPED where no bucket is named."""
        found = parse(case.traced.invoked_uri or "")
        if found is None or found.service != "s3":
            return self.skipped("The integration does not call S3.")
        name = found.subdomain or (found.name.strip("/").partition("/")[0] if found.kind == "path" else "")
        if not _NAME.fullmatch(name):
            return self.skipped("The bucket is named by the request, so its Region cannot be told.")
        answer = aws.call("s3", "GetBucketLocation", Bucket=name)
        said = answer.get("LocationConstraint")
        region = _OLD.get(said, str(said))
        same = region == case.target.region
        return self.passed(
            f"The bucket {name} is in {region}, {'the same Region as' if same else 'another Region than'} the API.",
            bucket=name,
            bucket_region=region,
            same_region=same,
        )
