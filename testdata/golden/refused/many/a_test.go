package many

//auth:ignore it is a test
func helper() {}
