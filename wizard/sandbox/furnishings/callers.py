"""Who may call the shop's orders: authorizers, API keys, policies, a private endpoint."""

from __future__ import annotations

from typing import Any

from wizard.sandbox.furnishings import furnishing
from wizard.sandbox.world import ACCOUNT, REGION, STAGE, World, function_uri

AUTHORIZER_FUNCTION, AUTHORIZER_ROLE = "shop-authorizer", "shop-invokes-authorizer"
TOKEN = "Bearer let-me-in"
_AUTHORIZER = ("authorizer",)


@furnishing("token-authorizer", "A Lambda authorizer of type TOKEN in front of the orders", slots=_AUTHORIZER)
def token_authorizer(world: World) -> None:
    _lambda_authorizer(world, type="TOKEN", identitySource="method.request.header.Authorization")


@furnishing("request-authorizer", "A Lambda authorizer of type REQUEST in front of the orders", slots=_AUTHORIZER)
def request_authorizer(world: World) -> None:
    source = "method.request.header.Authorization"
    _lambda_authorizer(world, type="REQUEST", identitySource=source)


@furnishing("authorizer-role", "The authorizer is called with a role", needs=("token-authorizer",))
def authorizer_role(world: World) -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{AUTHORIZER_FUNCTION}"
    role = world.gateway_role(AUTHORIZER_ROLE, "lambda:InvokeFunction", arn)
    world.patch_authorizer({"/authorizerCredentials": role})
    world.client("lambda").remove_permission(FunctionName=AUTHORIZER_FUNCTION, StatementId="apigateway-authorizer")
    world.deploy("Call the authorizer with a role")


@furnishing("cognito-authorizer", "A Cognito user pool in front of the orders", slots=_AUTHORIZER)
def cognito_authorizer(world: World) -> None:
    cognito = world.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="shop-customers")["UserPool"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="shop", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]
    cognito.admin_create_user(UserPoolId=pool["Id"], Username="ada")
    cognito.admin_set_user_password(UserPoolId=pool["Id"], Username="ada", Password="Lovelace-1815", Permanent=True)
    tokens = cognito.admin_initiate_auth(
        UserPoolId=pool["Id"],
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": "Lovelace-1815"},
    )["AuthenticationResult"]
    world.made["user-pool"] = pool["Id"]
    world.headers["Authorization"] = tokens["IdToken"]
    _authorizer(
        world,
        "COGNITO_USER_POOLS",
        type="COGNITO_USER_POOLS",
        providerARNs=[pool["Arn"]],
        identitySource="method.request.header.Authorization",
    )


@furnishing("usage-plan", "The orders want an API key of a usage plan", slots=("api-key",))
def usage_plan(world: World) -> None:
    _plan(world)
    world.headers["x-api-key"] = _key(world)
    _want_key(world)


@furnishing(
    "authorizer-key",
    "The authorizer names the API key of the caller",
    needs=("token-authorizer",),
    slots=("api-key",),
)
def authorizer_key(world: World) -> None:
    _plan(world)
    value = _key(world)
    gateway = world.client("apigateway")
    operation = {"op": "replace", "path": "/apiKeySource", "value": "AUTHORIZER"}
    gateway.update_rest_api(restApiId=world.api_id, patchOperations=[operation])
    world.client("lambda").update_function_configuration(
        FunctionName=AUTHORIZER_FUNCTION, Environment={"Variables": {"USAGE_KEY": value}}
    )
    _want_key(world)


@furnishing("resource-policy", "A resource policy lets everybody call the API", slots=("policy",))
def resource_policy(world: World) -> None:
    world.set_policy([{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}])
    world.deploy("Write down who may call")


@furnishing("private-api", "The API is private, customers come through a VPC endpoint", slots=("policy", "endpoint"))
def private_api(world: World) -> None:
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="api-endpoint", Description="HTTPS to APIs", VpcId=vpc)["GroupId"]
    https: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**https, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}]
    )
    made = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.execute-api",
        SubnetIds=[subnet],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    world.made["vpc-endpoint"] = made
    operations = [
        {"op": "replace", "path": "/endpointConfiguration/types/REGIONAL", "value": "PRIVATE"},
        {"op": "add", "path": "/endpointConfiguration/vpcEndpointIds", "value": made},
    ]
    world.client("apigateway").update_rest_api(restApiId=world.api_id, patchOperations=operations)
    source = {"StringEquals": {"aws:SourceVpce": made}}
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    world.set_policy([{**allow, "Condition": source}])
    world.host = f"{world.api_id}-{made}.execute-api.{REGION}.amazonaws.com"
    world.deploy("For the inside only")


def _lambda_authorizer(world: World, **settings: Any) -> None:
    world.create_function(AUTHORIZER_FUNCTION, folder="authorizer", alias="")
    world.client("lambda").update_function_configuration(
        FunctionName=AUTHORIZER_FUNCTION, Environment={"Variables": {}}
    )
    _authorizer(world, "CUSTOM", authorizerUri=function_uri(AUTHORIZER_FUNCTION), **settings)
    world.grant(
        f"authorizers/{world.made['authorizer']}",
        function=AUTHORIZER_FUNCTION,
        qualifier="",
        sid="apigateway-authorizer",
    )
    world.headers["Authorization"] = TOKEN


def _authorizer(world: World, authorization: str, **settings: Any) -> None:
    """Make an authorizer and put it in front of every method of the orders."""
    gateway = world.client("apigateway")
    made = gateway.create_authorizer(
        restApiId=world.api_id, name="customers", authorizerResultTtlInSeconds=0, **settings
    )
    world.made["authorizer"] = made["id"]
    for path, method in world.order_methods():
        world.patch_method({"/authorizationType": authorization, "/authorizerId": made["id"]}, path, method)
    world.deploy("Customers have to show who they are")


def _plan(world: World) -> None:
    stages = [{"apiId": world.api_id, "stage": STAGE}]
    throttle, quota = {"rateLimit": 50.0, "burstLimit": 100}, {"limit": 10_000, "period": "DAY"}
    plan = world.client("apigateway").create_usage_plan(name="shops", apiStages=stages, throttle=throttle, quota=quota)
    world.made["usage-plan"] = plan["id"]


def _key(world: World) -> str:
    gateway = world.client("apigateway")
    key = gateway.create_api_key(name="corner-shop", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=world.made["usage-plan"], keyId=key["id"], keyType="API_KEY")
    world.made["api-key"] = key["id"]
    return str(key["value"])


def _want_key(world: World) -> None:
    for path, method in world.order_methods():
        world.patch_method({"/apiKeyRequired": "true"}, path, method)
    world.deploy("Orders want a key")
