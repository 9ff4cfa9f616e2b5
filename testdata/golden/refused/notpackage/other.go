//auth:guard AllowAny()
func B() {}
